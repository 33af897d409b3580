import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectRedis } from '@milvault/catalog';
import { startWorker, type JobRegistry, type QueueOptions, type RunningWorker } from '@milvault/jobs';
import { parseConfig, secret, silentLogger, systemClock, type Clock, type Config, type Logger } from '@milvault/shared';
import { buildApp } from '../../apps/api/src/app.ts';
import { composeParts } from '../../apps/api/src/compose.ts';
import { FAST } from './jobs/redis-house.ts';
import { servers } from './servers.ts';

/** Nothing is due by itself while a test runs. */
const NEVER = '0 0 1 1 *';

export interface StageOptions {
  readonly sections?: object;
  readonly api?: Partial<Config['api']>;
  /** Default: the shared Redis. */
  readonly redis?: string;
  readonly jobs?: JobRegistry;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Of the keys of another stage, so that both are processes of one house. */
  readonly prefix?: string;
}

/** The real API in this process over the shared Redis, under keys of its own. All that it opens is closed with it. */
export interface Stage {
  readonly app: Awaited<ReturnType<typeof buildApp>>;
  readonly folder: string;
  readonly config: Config;
  /** Of all its keys in Redis. */
  readonly prefix: string;
  /** Listens on a free port; gives the URL. */
  listen(): Promise<string>;
  worker(): Promise<RunningWorker>;
  close(): Promise<void>;
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const prefix = options.prefix ?? `{api-${randomUUID()}}`;
  const folder = await mkdtemp(path.join(tmpdir(), 'milvault-api-'));
  const config = configOf(options, folder);
  const { logger = silentLogger, clock = systemClock, jobs } = options;
  const queue: QueueOptions = {
    prefix,
    logger,
    clock,
    tuning: FAST,
    ...(jobs === undefined ? {} : { jobs }),
  };
  const composed = await composeParts(config, { ...queue, clock, logger });
  const app = await buildApp(composed.parts);
  const workers: RunningWorker[] = [];
  return {
    app,
    folder,
    config,
    prefix,
    listen: () => app.listen({ host: '127.0.0.1', port: 0 }),
    worker: async () => {
      const worker = await startWorker(config, queue);
      let closed: Promise<void> | null = null;
      const once: RunningWorker = { name: worker.name, close: () => (closed ??= worker.close()) };
      workers.push(once);
      return once;
    },
    close: async () => {
      for (const worker of workers) await worker.close();
      await app.close();
      await composed.close();
      await removeKeys(prefix);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configOf({ sections, api, redis }: StageOptions, folder: string): Config {
  const text = JSON.stringify({
    sources: [{ name: 'lite', address: servers().lite }],
    repositories: [{ name: 'main', place: path.join(folder, 'main') }],
    cleanup: NEVER,
    health: NEVER,
    ...sections,
  });
  const config = parseConfig(text, { env: {}, folder, timeZone: 'UTC' });
  return { ...config, redis: secret(redis ?? servers().redis), api: { ...config.api, ...api } };
}

async function removeKeys(prefix: string): Promise<void> {
  const redis = connectRedis(secret(servers().redis), 'asking', () => undefined);
  try {
    await redis.connect();
    for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 500 })) {
      // A scan gives lists of keys.
      if ((keys as string[]).length > 0) await redis.unlink(keys as string[]);
    }
  } finally {
    redis.disconnect();
  }
}
