import { composeAdapters, createLocalService, examine, inspectSource, type Adapters } from '@milvault/jobs';
import { createLogger, hasCode, loadConfig, silentLogger, type Config, type Logger } from '@milvault/shared';
import type { Backend } from './backend.ts';
import type { Cli, OpenOptions } from './cli.ts';
import { createHttpBackend } from './http/backend.ts';
import { createLocalBackend, repositoryName } from './local.ts';
import { refuseStorage, refuseTokenFile, withTypedSources } from './sources.ts';

type Base = Omit<Cli, 'open' | 'examine'>;

/** The whole of what a command line stands on. */
export const createCli = (base: Base): Cli => ({
  ...base,
  open: createOpen(base),
  examine: (config) => examine(config, base),
});

/** Builds the {@link Backend} of one command: the API, or with `--local` this process. */
const createOpen =
  (base: Base) =>
  async (options: OpenOptions): Promise<Backend> => {
    const { env, folder, signal, clock } = base;
    const config = await loadConfig({ env, folder, ...(options.config === undefined ? {} : { file: options.config }) });
    if (options.local === true) return openLocal(base, withTypedSources(base, config, options), options);
    refuseTokenFile(options);
    refuseStorage(options);
    return createHttpBackend({ ...config.client, signal }, clock);
  };

async function openLocal(base: Base, config: Config, options: OpenOptions): Promise<Backend> {
  const { clock, signal, folder } = base;
  const deps = { clock, logger: loggerOf(base, config) };
  const adapters = composeAdapters(config, deps);
  if (options.createRepository === true) await provideRepository(base, config, adapters, options);
  return createLocalBackend({
    config,
    folder,
    adapters,
    signal,
    service: createLocalService(config, { ...deps, adapters }),
    inspect: (source, collections) => {
      const context = { ...deps, signal, onProgress: () => undefined };
      return inspectSource(adapters, source, collections, context);
    },
  });
}

/** A command speaks by its answer. Its log is for whoever asks for one, beside the answer. */
const loggerOf = ({ env }: Base, { log }: Config): Logger =>
  (env['MILVAULT_LOG_LEVEL'] ?? '') === '' ? silentLogger : createLogger({ level: log.level, name: 'cli', fd: 2 });

/** The first backup into a missing or empty folder makes a repository of it; a folder with anything else is refused. */
async function provideRepository(base: Base, config: Config, adapters: Adapters, options: OpenOptions): Promise<void> {
  const name = repositoryName({ config, folder: base.folder }, options.repo);
  try {
    await adapters.repository(name);
  } catch (thrown) {
    if (!hasCode(thrown, 'REPO_NOT_A_REPOSITORY')) throw thrown;
    const { place } = await adapters.initRepository(name);
    if (options.json !== true) base.terminal.err(`Made a new repository in ${place}\n`);
  }
}
