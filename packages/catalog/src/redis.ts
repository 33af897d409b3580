import { Redis, type RedisOptions } from 'ioredis';
import { fail, isMilvaultError, type Secret } from '@milvault/shared';

/**
 * `asking`: for calls that somebody waits for; fails at once while Redis is away. `working`: for workers and listeners;
 * waits until Redis is back, because their work is still there.
 */
export type RedisRole = 'asking' | 'working';

const OPTIONS = {
  // The time-out: a command that is on its way when the connection breaks is lost in ioredis where the next connection
  // breaks too before it is ready, as behind a proxy, and a Redis may neither answer nor hang up.
  asking: { enableOfflineQueue: false, maxRetriesPerRequest: 1, connectTimeout: 5_000, commandTimeout: 5_000 },
  working: { maxRetriesPerRequest: null, connectTimeout: 5_000 },
} as const satisfies Record<RedisRole, RedisOptions>;

/** Longest pause between tries to reach Redis again. */
const RETRY_MS = 2_000;

export type RedisFaultListener = (error: Error) => void;

/** A connection that comes back by itself. `onFault` hears of every loss: a listener is needed, or it would be printed. */
export function connectRedis(url: Secret, role: RedisRole, onFault: RedisFaultListener): Redis {
  const redis = new Redis(url.reveal(), {
    ...OPTIONS[role],
    lazyConnect: true,
    retryStrategy: (times) => Math.min(times * 100, RETRY_MS),
  });
  redis.on('error', onFault);
  return redis;
}

/** Resolves when the first connection stands. REDIS_UNREACHABLE. */
export async function openRedis(url: Secret, role: RedisRole, onFault: RedisFaultListener): Promise<Redis> {
  let first: Error | null = null;
  const redis = connectRedis(url, role, (error) => {
    first ??= error;
    onFault(error);
  });
  try {
    await redis.connect();
    return redis;
  } catch (cause) {
    redis.disconnect();
    // The client only says that the connection is closed; why was said to its listener.
    throw unreachable(url, first ?? cause);
  }
}

export function unreachable(url: Secret, cause: unknown): Error {
  const { host, protocol } = new URL(url.reveal());
  return fail('REDIS_UNREACHABLE', {
    what: `Redis at ${protocol}//${host} does not answer`,
    expected: 'an answer to PING',
    got: cause instanceof Error && cause.message !== '' ? cause.message : 'no connection',
    cause,
  });
}

const CONNECTION_FAULTS = [
  'Command timed out',
  "Stream isn't writeable",
  'Connection is closed',
  'max retries per request',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'LOADING',
];

/** A fault of the connection as REDIS_UNREACHABLE; anything else as it is. */
export function asRedisFault(url: Secret, thrown: unknown): unknown {
  if (isMilvaultError(thrown) || !(thrown instanceof Error)) return thrown;
  return CONNECTION_FAULTS.some((text) => thrown.message.includes(text)) ? unreachable(url, thrown) : thrown;
}
