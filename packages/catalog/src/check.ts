import type { Redis } from 'ioredis';
import { fail } from '@milvault/shared';

const LEAST = [6, 2] as const;

/**
 * Whether this Redis keeps what it is given: version, eviction, append-only file. A setting that the server does not
 * show (CONFIG is forbidden on some hosted ones) is taken from INFO where that has it, and else let pass.
 * REDIS_UNSUPPORTED, REDIS_EVICTS, REDIS_FORGETS.
 */
export async function checkRedis(redis: Redis): Promise<void> {
  const info = parseInfo(await redis.info());
  const version = info.get('redis_version') ?? 'unknown';
  if (!isRecent(version)) {
    throw fail('REDIS_UNSUPPORTED', { what: 'This Redis is too old', expected: '6.2 or later', got: version });
  }
  const policy = info.get('maxmemory_policy') ?? (await setting(redis, 'maxmemory-policy'));
  if (policy !== undefined && policy !== 'noeviction') {
    throw fail('REDIS_EVICTS', {
      what: 'This Redis throws keys away when its memory is full, and jobs with them',
      expected: 'maxmemory-policy noeviction',
      got: `maxmemory-policy ${policy}`,
      next: 'Run `redis-cli config set maxmemory-policy noeviction`, and set it in redis.conf',
    });
  }
  const appendOnly = info.get('aof_enabled') ?? ((await setting(redis, 'appendonly')) === 'no' ? '0' : '1');
  if (appendOnly !== '1') {
    throw fail('REDIS_FORGETS', {
      what: 'This Redis would lose its jobs and schedules at a restart',
      expected: 'appendonly yes',
      got: 'appendonly no',
      next: 'Run `redis-cli config set appendonly yes`, and set it in redis.conf',
    });
  }
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
}

const parseInfo = (text: string): Map<string, string> =>
  new Map(
    text.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
    }),
  );

async function setting(redis: Redis, name: string): Promise<string | undefined> {
  try {
    // CONFIG GET answers a list in RESP2 and a map in RESP3.
    const answer: unknown = await redis.call('CONFIG', 'GET', name);
    const values = Array.isArray(answer) ? (answer as unknown[]) : Object.entries(Object(answer) as object).flat();
    const value = values[1];
    return typeof value === 'string' ? value : undefined;
  } catch {
    // Forbidden or unknown to this server: nothing is known, and the caller lets it pass.
    return undefined;
  }
}
