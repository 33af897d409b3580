import { createCatalog, DEFAULT_PREFIX, openRedis, checkRedis, type Catalog, type RedisRole } from '@milvault/catalog';
import { silentLogger, systemClock, type Clock, type Config, type Logger } from '@milvault/shared';
import type { Redis } from 'ioredis';
import type { Adapters } from '../adapters.ts';
import { composeAdapters } from '../compose.ts';
import type { JobRegistry } from '../port.ts';
import { JOBS } from '../registry.ts';
import { DEFAULT_TUNING, type Tuning } from '../tuning.ts';
import { inTime } from './in-time.ts';
import { closeQueues, openQueues, type Queues } from './queues.ts';

export interface QueueOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Before all keys in Redis. In braces, so that Redis Cluster keeps them together. */
  readonly prefix?: string;
  readonly tuning?: Partial<Tuning>;
  readonly jobs?: JobRegistry;
  readonly adapters?: Adapters;
}

/** What everything over Redis stands on: one connection, the catalog, the queues, and the ways to the outside. */
export interface House {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly prefix: string;
  readonly tuning: Tuning;
  readonly jobs: JobRegistry;
  readonly adapters: Adapters;
  readonly redis: Redis;
  readonly catalog: Catalog;
  readonly queues: Queues;
  readonly startedAt: number;
  /** A connection more, for one that blocks or subscribes: the caller's to close. */
  connect(role: RedisRole): Promise<Redis>;
  close(): Promise<void>;
}

/** Connects and checks that this Redis keeps what it is given. REDIS_*. */
export async function openHouse(config: Config, role: RedisRole, options: QueueOptions = {}): Promise<House> {
  const { clock = systemClock, logger = silentLogger, prefix = DEFAULT_PREFIX, jobs = JOBS } = options;
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  const onFault = faultLogger(logger, clock);
  const connect = (wanted: RedisRole): Promise<Redis> => openRedis(config.redis, wanted, onFault);
  const redis = await connect(role);
  try {
    await checkRedis(redis);
  } catch (thrown) {
    redis.disconnect();
    throw thrown;
  }
  const queues = openQueues(redis, prefix, tuning, onFault);
  return {
    config,
    clock,
    logger,
    prefix,
    tuning,
    jobs,
    adapters: options.adapters ?? composeAdapters(config, { clock, logger }),
    redis,
    catalog: createCatalog({ redis, clock, prefix }),
    queues,
    startedAt: clock.now(),
    connect,
    close: async () => {
      await inTime(clock, closeQueues(queues), CLOSE_MS);
      // Not `quit`: it would wait for a Redis that is away.
      redis.disconnect();
    },
  };
}

const CLOSE_MS = 1_000;
const SAY_AGAIN_MS = 30_000;

/** A Redis that is away raises an error for each connection and each try: one line in a while is enough. */
function faultLogger(logger: Logger, clock: Clock): (error: Error) => void {
  let said = -SAY_AGAIN_MS;
  return (error) => {
    if (clock.monotonic() - said < SAY_AGAIN_MS) return;
    said = clock.monotonic();
    logger.warn({ err: error }, 'Redis: connection trouble');
  };
}
