import type { Redis } from 'ioredis';
import type { Clock } from '@milvault/shared';

/** What every shelf of the catalog stands on. */
export interface Store {
  readonly redis: Redis;
  /** `{milvault}`, or a test's own. In braces, so that Redis Cluster keeps all of it together. */
  readonly prefix: string;
  readonly clock: Clock;
}

export const DEFAULT_PREFIX = '{milvault}';

/** Names of our keys. BullMQ's are `<prefix>:<queue>:…`; ours begin with `<prefix>:@`, which no queue is named. */
export const keyOf = (store: Pick<Store, 'prefix'>, ...parts: readonly string[]): string =>
  `${store.prefix}:@${parts.join(':')}`;

/** Runs and what belongs to them are kept for 60 days after the last change. */
export const KEPT_MS = 60 * 24 * 3_600_000;

export const parse = <T>(text: string): T => JSON.parse(text) as T; // Written by us, in this shape.

/** Lua as EVAL: the scripts are short, and a Redis that restarted knows no SHA of them. */
export const script = (
  redis: Redis,
  text: string,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> => redis.eval(text, keys.length, ...keys, ...args);
