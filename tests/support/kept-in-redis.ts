import { Redis } from 'ioredis';

type Read = (redis: Redis, key: string) => Promise<unknown>;

/** How every kind of value is read whole. */
const READS: Readonly<Record<string, Read>> = {
  string: (redis, key) => redis.get(key),
  hash: (redis, key) => redis.hgetall(key),
  list: (redis, key) => redis.lrange(key, 0, -1),
  set: (redis, key) => redis.smembers(key),
  zset: (redis, key) => redis.zrange(key, '0', '-1'),
  stream: (redis, key) => redis.xrange(key, '-', '+'),
};

/** Everything that Redis holds under a prefix, one text for each key. */
export async function keptInRedis(url: string, prefix: string): Promise<string[]> {
  const redis = new Redis(url);
  const texts: string[] = [];
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 1000 }) as AsyncIterable<string[]>) {
      for (const key of keys) {
        const type = await redis.type(key);
        // It went since it was listed.
        if (type === 'none') continue;
        const read = READS[type];
        if (read === undefined) throw new Error(`expected a kind of value that can be read, got ${type} at ${key}`);
        texts.push(JSON.stringify([key, await read(redis, key)]));
      }
    }
  } finally {
    redis.disconnect();
  }
  return texts;
}
