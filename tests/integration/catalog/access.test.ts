import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCatalog, openRedis, type Catalog } from '@milvault/catalog';
import { secret, systemClock } from '@milvault/shared';
import { servers } from '../../support/servers.ts';

const MINUTE = 60_000;
const AT = 1_700_000_000_000;
let redis: Redis;
let prefix: string;
let now: number;
let catalog: Catalog;

beforeAll(async () => {
  redis = await openRedis(secret(servers().redis), 'asking', () => undefined);
});
afterAll(() => redis.disconnect());
beforeEach(() => {
  prefix = `{test-${randomUUID()}}`;
  now = AT;
  catalog = createCatalog({ redis, prefix, clock: { ...systemClock, now: () => now } });
});
afterEach(async () => {
  const keys = await redis.keys(`${prefix}:*`);
  if (keys.length > 0) await redis.del(keys);
});

const token = (name: string, hash = `hash of ${name}`) => ({
  name,
  hash,
  role: 'viewer' as const,
  sessionSalt: 'salt',
  by: 'admin token',
  createdAt: AT,
  expiresAt: null,
});

describe('tokens', () => {
  it('have one name each: of several that take one at once, one gets it', async () => {
    const added = await Promise.all(['a', 'b', 'c'].map((hash) => catalog.tokens.add(token('ci', hash))));
    expect(added.filter(Boolean)).toHaveLength(1);
    const known = await Promise.all(['a', 'b', 'c'].map((hash) => catalog.tokens.findByHash(hash)));
    expect(known.map((one) => one !== null)).toEqual(added);
    expect(await catalog.tokens.list()).toHaveLength(1);
  });

  it('are found by name and by hash, listed by name, and say when they were used to the minute', async () => {
    for (const name of ['b', 'a']) await catalog.tokens.add(token(name));
    now += 2.5 * MINUTE;
    await catalog.tokens.touch('a');
    const used = { ...token('a'), usedAt: Math.floor(now / MINUTE) * MINUTE };
    expect(await catalog.tokens.findByHash('hash of a')).toEqual(used);
    expect(await catalog.tokens.find('a')).toEqual(used);
    expect(await catalog.tokens.list()).toEqual([used, { ...token('b'), usedAt: null }]);
    expect(await catalog.tokens.findByHash('another')).toBeNull();
    expect(await catalog.tokens.find('c')).toBeNull();
  });

  it('that are removed leave nothing, also where they are used in that moment', async () => {
    await catalog.tokens.add(token('a'));
    await catalog.tokens.touch('a');
    expect(await catalog.tokens.remove('a')).toBe(true);
    await catalog.tokens.touch('a');
    expect(await catalog.tokens.remove('a')).toBe(false);
    expect(await catalog.tokens.findByHash('hash of a')).toBeNull();
    expect(await redis.keys(`${prefix}:*`)).toEqual([]);
  });

  it('that take the name of a removed one are others', async () => {
    await catalog.tokens.add(token('a', 'old'));
    await catalog.tokens.touch('a');
    await catalog.tokens.remove('a');
    await catalog.tokens.add(token('a', 'new'));
    expect(await catalog.tokens.findByHash('old')).toBeNull();
    expect(await catalog.tokens.find('a')).toMatchObject({ hash: 'new', usedAt: null });
  });
});

describe('the audit log', () => {
  const entry = (request: string) => ({
    at: AT,
    by: 'ci',
    role: 'operator' as const,
    method: 'POST',
    route: '/api/v1/runs/backup',
    target: {},
    result: 'run-1',
    status: 202,
    request,
  });

  it('is read newest first in pages that meet without a gap, whatever comes in between', async () => {
    for (let i = 0; i < 7; i++) await catalog.audit.note(entry(String(i)));
    const first = await catalog.audit.page({ limit: 3 });
    expect(first.entries.map(({ request }) => request)).toEqual(['6', '5', '4']);
    await catalog.audit.note(entry('later'));
    const second = await catalog.audit.page({ limit: 3, before: first.next ?? '' });
    const third = await catalog.audit.page({ limit: 3, before: second.next ?? '' });
    expect(second.entries.map(({ request }) => request)).toEqual(['3', '2', '1']);
    expect(third).toEqual({ entries: [{ ...entry('0'), id: expect.any(String) as string }], next: null });
  });

  it('has a last page that is full and says that nothing follows', async () => {
    for (let i = 0; i < 3; i++) await catalog.audit.note(entry(String(i)));
    expect((await catalog.audit.page({ limit: 3 })).next).toBeNull();
    expect(await createCatalog({ redis, prefix: `${prefix}x`, clock: systemClock }).audit.page({ limit: 3 })).toEqual({
      entries: [],
      next: null,
    });
  });

  it('keeps a bounded number of entries', async () => {
    const pipeline = redis.pipeline();
    for (let i = 0; i < 21_000; i++) pipeline.xadd(`${prefix}:@audit`, '*', 'entry', '{}');
    await pipeline.exec();
    await catalog.audit.note(entry('last'));
    expect(await redis.xlen(`${prefix}:@audit`)).toBeLessThan(20_500);
    expect((await catalog.audit.page({ limit: 1 })).entries).toMatchObject([{ request: 'last' }]);
  });
});
