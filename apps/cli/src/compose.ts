import { loadConfig } from '@milvault/shared';
import type { Backend } from './backend.ts';
import type { Cli, OpenOptions } from './cli.ts';
import { createHttpBackend } from './http/backend.ts';

type Base = Omit<Cli, 'open'>;

/** Builds the {@link Backend} of one command: the API, or with `--local` this process. */
export const createOpen =
  (base: Base) =>
  async (options: OpenOptions): Promise<Backend> => {
    const config = await loadConfig({
      env: base.env,
      folder: base.folder,
      ...(options.config === undefined ? {} : { file: options.config }),
    });
    return createHttpBackend({ ...config.client, signal: base.signal }, base.clock);
  };
