import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCatalog, KEPT_MS, openRedis, type Catalog } from '@milvault/catalog';
import { fail, secret, systemClock, toErrorRecord, type Clock } from '@milvault/shared';
import { servers } from '../../support/servers.ts';

let redis: Redis;
let prefix: string;
let now: number;
let catalog: Catalog;
const clock: Clock = { ...systemClock, now: () => now };

beforeAll(async () => {
  redis = await openRedis(secret(servers().redis), 'asking', () => undefined);
});
afterAll(() => redis.disconnect());
beforeEach(() => {
  prefix = `{test-${randomUUID()}}`;
  now = 1_700_000_000_000;
  catalog = createCatalog({ redis, clock, prefix });
});
afterEach(async () => {
  const keys = await redis.keys(`${prefix}:*`);
  if (keys.length > 0) await redis.del(keys);
});

const start = (id: string, extra: object = {}) => ({
  id,
  kind: 'backup' as const,
  plan: null,
  trigger: 'api',
  request: { source: 'src' },
  queuedAt: now++,
  ...extra,
});
const make = async (id: string, extra: object = {}): Promise<string> => {
  await catalog.runs.create(start(id, extra));
  return id;
};
const page = { limit: 100, offset: 0 };

describe('records of runs', () => {
  it('are made once, and end once: the first end counts', async () => {
    expect(await catalog.runs.create(start('a', { plan: 'nightly' }))).toBe(true);
    expect(await catalog.runs.create(start('a', { plan: 'other' }))).toBe(false);
    await catalog.runs.begin('a', 1);
    const ends = await Promise.all([
      catalog.runs.end('a', { state: 'succeeded', result: { rows: 3 } }),
      catalog.runs.end('a', { state: 'failed', error: toErrorRecord(fail('REPO_FULL')) }),
      catalog.runs.end('a', { state: 'cancelled' }),
    ]);
    expect(ends.filter(({ byThis }) => byThis)).toHaveLength(1);
    const run = await catalog.runs.get('a');
    expect(run).toMatchObject({ plan: 'nightly', endedAt: expect.any(Number) as number });
    expect(new Set(ends.map((end) => end.run.state))).toEqual(new Set([run.state]));
  });

  it('change no more after their end', async () => {
    await make('a');
    await catalog.runs.end('a', { state: 'failed', error: toErrorRecord(fail('REPO_FULL', { got: '0 B free' })) });
    const ended = await catalog.runs.get('a');
    await catalog.runs.begin('a', 2);
    await catalog.runs.phase('a', 'parts');
    await catalog.work.progress('a', '0', { rows: 5, bytes: 5, finished: true });
    expect(await catalog.runs.get('a')).toEqual(ended);
    expect(ended.error).toMatchObject({ code: 'REPO_FULL', got: '0 B free' });
  });

  it('are listed newest first by kind, state and plan, in pages', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await make(id, { plan: id < 'c' ? 'nightly' : null });
    await make('v', { kind: 'verify', plan: 'nightly' });
    await catalog.runs.begin('b', 1);
    await catalog.runs.end('c', { state: 'succeeded' });
    const ids = async (filter: object) => (await catalog.runs.list({ ...page, ...filter })).runs.map(({ id }) => id);
    expect(await ids({})).toEqual(['v', 'd', 'c', 'b', 'a']);
    expect(await ids({ limit: 2, offset: 1 })).toEqual(['d', 'c']);
    expect(await ids({ plan: 'nightly' })).toEqual(['v', 'b', 'a']);
    expect(await ids({ plan: 'nightly', kind: 'backup' })).toEqual(['b', 'a']);
    expect(await ids({ plan: 'nightly', kind: 'backup', state: 'running' })).toEqual(['b']);
    expect(await ids({ state: 'succeeded' })).toEqual(['c']);
    expect((await catalog.runs.open()).sort()).toEqual(['a', 'b', 'd', 'v']);
    expect(await catalog.runs.open('verify')).toEqual(['v']);
  });

  it('stay where they are when somebody makes them again', async () => {
    await make('a');
    await catalog.runs.begin('a', 1);
    await make('a');
    expect((await catalog.runs.list({ ...page, state: 'queued' })).total).toBe(0);
    await catalog.runs.end('a', { state: 'failed' });
    await make('a');
    expect(await catalog.runs.open()).toEqual([]);
    expect((await catalog.runs.list({ ...page, state: 'failed' })).total).toBe(1);
  });

  it('go after sixty days', async () => {
    await make('old');
    now += KEPT_MS + 1;
    await make('new');
    expect((await catalog.runs.list(page)).total).toBe(1);
    expect(await redis.pttl(`${prefix}:@run:new`)).toBeGreaterThan(KEPT_MS - 60_000);
  });

  it('count what parts have done once, however often they start again', async () => {
    await make('a');
    const told = (part: string, rows: number, finished = false) =>
      catalog.work.progress('a', part, { rows, bytes: rows * 10, finished });
    await told('0', 4);
    await told('1', 7, true);
    await told('0', 2);
    await Promise.all([told('0', 10, true), told('0', 10, true)]);
    expect((await catalog.runs.get('a')).progress).toMatchObject({ rows: 17, bytes: 170, partsDone: 2 });
    await told('2', Number.MAX_SAFE_INTEGER - 17);
    expect((await catalog.runs.get('a')).progress.rows).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('keep a plan whole, and a newer plan apart from an older one', async () => {
    await make('a');
    const parts = Array.from({ length: 450 }, (_, number) => ({ number, text: 'ß\n"' }));
    const first = await catalog.work.keep('a', { state: { x: 1 }, parts, rowsTotal: 9 });
    expect(await catalog.work.parts('a', first.generation)).toEqual(parts);
    expect(await catalog.work.part('a', first.generation, 449)).toEqual(parts[449]);
    await catalog.work.noteFailure('a', first.generation, 3, toErrorRecord(fail('REPO_FULL')));
    expect(await catalog.work.setBegun('a', first.generation, { x: 3 })).toEqual({
      ...first,
      state: { x: 3 },
      begun: true,
    });
    expect(await catalog.work.setBegun('a', first.generation, { x: 4 }), 'once').toMatchObject({ state: { x: 3 } });
    await catalog.work.drop('a');
    expect(await catalog.work.setBegun('a', first.generation, { x: 5 }), 'of a dropped plan').toBeNull();
    expect(await catalog.work.plan('a')).toBeNull();
    const second = await catalog.work.keep('a', { state: { x: 2 }, parts: [], rowsTotal: 0 });
    expect(second.generation).toBe(first.generation + 1);
    expect(await catalog.work.setBegun('a', first.generation, { x: 6 }), 'of an older plan').toBeNull();
    expect(await catalog.work.plan('a')).toEqual(second);
    expect(await catalog.work.failures('a', second.generation)).toEqual([]);
    expect((await catalog.runs.get('a')).progress).toMatchObject({ partsTotal: 0, rows: 0 });
    await catalog.work.forget('a');
    expect((await redis.keys(`${prefix}:@pa*`)).sort()).toEqual([]);
  });
});

describe('leases', () => {
  it('cover what their pattern covers, and nothing else', async () => {
    await make('a');
    await make('b');
    const conflict = async (held: string, wanted: string): Promise<boolean> => {
      await catalog.leases.take([held], 'a');
      const holder = await catalog.leases.take([wanted], 'b');
      await catalog.leases.release('a');
      await catalog.leases.release('b');
      return holder === 'a';
    };
    const cases = [
      ['s/films', 's/films', true],
      ['s/films', 's/film', false],
      ['s/films', 't/films', false],
      ['s/*', 's/films', true],
      ['s/*', 's/db.films', true],
      ['s/db.*', 's/db.films', true],
      ['s/db.*', 's/db2.films', false],
      ['s/db.*', 's/films', false],
      ['s/d.films', 's/db.films', false],
      ['s/*', 't/*', false],
      ['s/a%b', 's/a%b', true],
      ['s/a.b', 's/a-b', false],
    ] as const;
    for (const [one, other, expected] of cases) {
      expect([one, other, await conflict(one, other)]).toEqual([one, other, expected]);
      expect([other, one, await conflict(other, one)]).toEqual([other, one, expected]);
    }
  });

  it('are taken all or none, again by their holder, and given back by it alone', async () => {
    await make('a');
    await make('b');
    await make('c');
    expect(await catalog.leases.take(['s/x', 's/y'], 'a')).toBeNull();
    expect(await catalog.leases.take(['s/x', 's/y'], 'a')).toBeNull();
    expect(await catalog.leases.take(['s/z', 's/y'], 'b')).toBe('a');
    expect(await catalog.leases.take(['s/z'], 'c')).toBeNull();
    await catalog.leases.release('b');
    expect(await catalog.leases.take(['s/x'], 'b')).toBe('a');
    await catalog.leases.release('a');
    expect(await catalog.leases.take(['s/x'], 'b')).toBeNull();
    expect(await catalog.leases.take([], 'a')).toBeNull();
  });

  it('of a run that has ended or is unknown are free', async () => {
    await make('a');
    await make('b');
    await catalog.leases.take(['s/x'], 'a');
    await catalog.leases.take(['s/y'], 'nobody');
    await catalog.runs.end('a', { state: 'failed' });
    expect(await catalog.leases.take(['s/x', 's/y'], 'b')).toBeNull();
  });

  it('of one name have one holder at any moment', async () => {
    const runs = await Promise.all([...'abcde'].map((id) => make(id)));
    const names = ['s/x', 's/y', 's/*', 's/db.z', 's/db.*'];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { maxLength: 12 }), async (wishes) => {
        const answers = await Promise.all(
          wishes.map(async ([run, name]) => ({
            run: runs[run] ?? '',
            name: names[name] ?? '',
            holder: await catalog.leases.take([names[name] ?? ''], runs[run] ?? ''),
          })),
        );
        const got = answers.filter(({ holder }) => holder === null);
        for (const one of got) {
          for (const other of got) {
            if (one.run !== other.run) expect(one.name).not.toBe(other.name);
            if (one.run !== other.run) expect([one.name, other.name]).not.toContain('s/*');
          }
        }
        await Promise.all(runs.map((run) => catalog.leases.release(run)));
      }),
      { numRuns: 30 },
    );
  });

  it('of a process end by themselves', async () => {
    expect(await catalog.leases.claim('keeper', 'one', 60_000)).toBe(true);
    expect(await catalog.leases.claim('keeper', 'two', 60_000)).toBe(false);
    expect(await catalog.leases.claim('keeper', 'one', 1)).toBe(true);
    await expect.poll(() => catalog.leases.claim('keeper', 'two', 60_000)).toBe(true);
  });
});

describe('events', () => {
  it('are read on from any of them, in order, and waited for', async () => {
    const before = await catalog.events.newest();
    expect(before).toBe('0-0');
    await make('a');
    await catalog.runs.begin('a', 1);
    const [queued, running] = await catalog.events.after(null, 10);
    expect(queued).toMatchObject({ type: 'run.changed', data: { run: 'a', kind: 'backup', state: 'queued' } });
    expect(await catalog.events.after(queued?.id ?? '', 10)).toEqual([running]);
    const blocking = redis.duplicate();
    try {
      await blocking.connect().catch(() => undefined);
      expect(await catalog.events.arrived(blocking, running?.id ?? '', 20)).toBe(false);
      const waiting = catalog.events.arrived(blocking, running?.id ?? '', 10_000);
      await catalog.runs.end('a', { state: 'succeeded' });
      expect(await waiting).toBe(true);
    } finally {
      blocking.disconnect();
    }
  });
});

describe('incidents', () => {
  it('open once, are told once, and close once', async () => {
    const opened = await Promise.all([1, 2, 3].map((at) => catalog.incidents.open('x', 'it is broken', at)));
    expect(new Set(opened.map(({ openedAt }) => openedAt)).size).toBe(1);
    await Promise.all([1, 2, 3].map(() => catalog.incidents.told('x/1', 'x')));
    expect(await catalog.incidents.wasTold('x/1')).toBe(true);
    expect(await catalog.incidents.current('x')).toMatchObject({ told: 1, closedAt: null });
    await Promise.all([1, 2, 3].map(() => catalog.incidents.close('x', 50)));
    expect(await catalog.incidents.list(page)).toMatchObject({ total: 1, incidents: [{ closedAt: 50, told: 1 }] });
    expect(await catalog.incidents.openCount()).toBe(0);
    expect(await catalog.incidents.lastWell('x')).toBe(50);
    const types = (await catalog.events.after(null, 100)).map(({ type }) => type);
    expect(types).toEqual(['incident.opened', 'incident.recovered']);
  });

  it('keep the count of what was told, whoever sees them again in that moment', async () => {
    for (let round = 0; round < 50; round++) {
      const incident = `x${String(round)}`;
      await catalog.incidents.open(incident, 'it is broken', 1);
      await Promise.all([
        ...[2, 3, 4].map((at) => catalog.incidents.open(incident, 'it is broken', at)),
        ...[1, 2].map((key) => catalog.incidents.told(`${incident}/${String(key)}`, incident)),
      ]);
      expect(await catalog.incidents.current(incident)).toMatchObject({ told: 2 });
    }
    expect((await catalog.incidents.list({ ...page, open: true })).incidents.every(({ told }) => told === 2)).toBe(
      true,
    );
  });

  it('that open again are new', async () => {
    await catalog.incidents.open('x', 'a', 1);
    await catalog.incidents.close('x', 2);
    expect(await catalog.incidents.open('x', 'b', 3)).toMatchObject({ openedAt: 3, told: 0 });
    expect((await catalog.incidents.list({ ...page, open: true })).incidents).toMatchObject([{ title: 'b' }]);
    expect((await catalog.incidents.list({ ...page, open: false })).incidents).toMatchObject([{ title: 'a' }]);
  });
});

describe('workers', () => {
  const worker = (name: string) => ({ name, queues: ['runs'], startedAt: 1, running: 0, memory: 1 });
  it('are those that said so lately; each arrival and each end is told once', async () => {
    await catalog.workers.beat(worker('one'), 60_000);
    await catalog.workers.beat(worker('two'), 5);
    await catalog.workers.beat(worker('one'), 60_000);
    await expect.poll(async () => (await catalog.workers.list()).map(({ name }) => name)).toEqual(['one']);
    await Promise.all([catalog.workers.list(), catalog.workers.list()]);
    await catalog.workers.leave('one');
    expect(await catalog.workers.list()).toEqual([]);
    const told = (await catalog.events.after(null, 100)).map(({ type, data }) => [type, Object.values(data)[0]]);
    expect(told).toEqual([
      ['worker.up', 'one'],
      ['worker.up', 'two'],
      ['worker.down', 'two'],
      ['worker.down', 'one'],
    ]);
  });
});
