import { createChannels } from '@milvault/alerts';
import {
  adoptHeld,
  checkRestore,
  composeAdapters,
  createService,
  inspectSource,
  listHeld,
  type QueueOptions,
} from '@milvault/jobs';
import type { Clock, Config, Logger } from '@milvault/shared';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import manifest from '../package.json' with { type: 'json' };
import type { ApiParts } from './parts.ts';

export interface Composed {
  readonly parts: ApiParts;
  /** Closes what was opened here. */
  close(): Promise<void>;
}

/** Opens what the API stands on. REDIS_UNREACHABLE and the other REDIS_ errors. */
export async function composeParts(
  config: Config,
  deps: { readonly clock: Clock; readonly logger: Logger } & Pick<QueueOptions, 'prefix' | 'tuning' | 'jobs'>,
): Promise<Composed> {
  const { clock, logger } = deps;
  const adapters = composeAdapters(config, { clock, logger });
  const service = await createService(config, { ...deps, adapters });
  const contextOf = (signal: AbortSignal) => ({ clock, logger, signal, onProgress: () => undefined });
  const parts: ApiParts = {
    config,
    clock,
    logger,
    version: manifest.version,
    page: builtPage(),
    service,
    queues: service.queues,
    channels: createChannels(config.channels, { clock }),
    tokens: service.catalog.tokens,
    audit: service.catalog.audit,
    ping: service.ping,
    workers: async () => (await service.workers()).map(({ name, queues }) => ({ name, queues: [...queues] })),
    incidents: (filter) => service.catalog.incidents.list(filter),
    openIncidents: async () => (await service.openIncidents()).length,
    follow: service.follow,
    inspect: (source, collections, signal) => inspectSource(adapters, source, collections, contextOf(signal)),
    listHeld: (plan, signal) => listHeld(adapters, plan, contextOf(signal)),
    adoptHeld: (plan, names, signal) => adoptHeld(adapters, plan, names, contextOf(signal)),
    checkRestore: (asked, signal) => checkRestore(adapters, asked, signal),
    repository: adapters.repository,
    initRepository: adapters.initRepository,
    probeRepository: adapters.probeRepository,
  };
  return { parts, close: service.close };
}

/** Beside this app, whether it runs from its source or from its own build: both lie two folders below `apps`. */
function builtPage(): string | null {
  const folder = fileURLToPath(new URL('../../web/dist/', import.meta.url));
  return existsSync(`${folder}index.html`) ? folder : null;
}
