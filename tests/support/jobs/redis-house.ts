import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectRedis } from '@milvault/catalog';
import {
  createService,
  startWorker,
  type QueueOptions,
  type QueueService,
  type RunningWorker,
  type ServiceOptions,
  type Tuning,
} from '@milvault/jobs';
import { parseConfig, secret, systemClock, type Config } from '@milvault/shared';
import { servers } from '../servers.ts';
import { PROBES } from './probe-job.ts';
import { startChild, type Child } from './worker-child.ts';

/** Fast enough to see a crash mended within a second or two. */
export const FAST: Partial<Tuning> = {
  attempts: 3,
  attemptsByHand: 3,
  backoffMs: 30,
  lockMs: 900,
  stalledMs: 400,
  drainSeconds: 1,
  leasePollMs: 60,
  progressMs: 20,
  heartbeatMs: 200,
  keeperMs: 300,
  alertBackoffMs: 60,
  handoverMs: 3_000,
};

/** For jobs that really work: a lock outlives a busy moment of both processors. */
export const CALM: Partial<Tuning> = { ...FAST, lockMs: 6_000, stalledMs: 1_000 };

/** A house of a test's own on the shared Redis: everything that it opens is closed, and its keys are removed. */
export interface TestHouse {
  readonly folder: string;
  readonly prefix: string;
  readonly config: Config;
  options(extra?: Partial<QueueOptions>): QueueOptions;
  service(extra?: Partial<ServiceOptions>): Promise<QueueService>;
  worker(extra?: Partial<QueueOptions>): Promise<RunningWorker>;
  /** A worker in a process of its own. */
  child(jobs?: 'probe' | 'real'): Promise<Child>;
  /** All keys of this house are gone, as after a loss of Redis. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

/** Nothing is due while a test runs, unless it says so. */
const NEVER = '0 0 1 1 *';

export const configOf = (overrides: Partial<Config> = {}): Config => ({
  ...parseConfig('{}', { env: {}, folder: tmpdir() }),
  redis: secret(servers().redis),
  cleanup: NEVER,
  health: NEVER,
  ...overrides,
});

export async function openTestHouse(overrides: Partial<Config> = {}): Promise<TestHouse> {
  const prefix = `{test-${randomUUID()}}`;
  const folder = await mkdtemp(path.join(tmpdir(), 'milvault-jobs-'));
  const config = configOf(overrides);
  const closers: (() => Promise<unknown>)[] = [];
  const options = (extra: Partial<QueueOptions> = {}): QueueOptions => ({
    prefix,
    jobs: PROBES,
    tuning: FAST,
    ...extra,
  });
  return {
    folder,
    prefix,
    config,
    options,
    service: async (extra = {}) => {
      const service = await createService(config, { ...options(extra), keeper: extra.keeper ?? false });
      closers.push(() => service.close());
      return service;
    },
    worker: async (extra) => {
      const worker = await startWorker(config, options(extra));
      let closed: Promise<void> | null = null;
      const once: RunningWorker = { name: worker.name, close: () => (closed ??= worker.close()) };
      closers.push(once.close);
      return once;
    },
    child: async (jobs = 'probe') => {
      const child = await startChild({
        prefix,
        redis: config.redis.reveal(),
        tuning: jobs === 'real' ? CALM : FAST,
        jobs,
        sections: {},
      });
      closers.push(child.kill);
      return child;
    },
    forget: () => removeKeys(config, prefix),
    close: async () => {
      for (const close of closers.reverse()) await close();
      await removeKeys(config, prefix);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function removeKeys(config: Config, prefix: string): Promise<void> {
  const redis = connectRedis(config.redis, 'asking', () => undefined);
  try {
    await redis.connect();
    for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 500 })) {
      if ((keys as string[]).length > 0) await redis.unlink(keys as string[]);
    }
  } finally {
    redis.disconnect();
  }
}

/** Looks until it is so, or fails with what was seen last. */
export async function until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean, ms = 90_000): Promise<T> {
  const end = systemClock.monotonic() + ms;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (systemClock.monotonic() > end) throw new Error(`not so after ${String(ms)} ms: ${JSON.stringify(seen)}`);
    await systemClock.sleep(25);
  }
}
