import { systemClock } from '@milvault/shared';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keysOf } from '../../../packages/engines/src/rows/batches.ts';
import { createLane, type Lane } from '../../../packages/engines/src/rows/read/lane.ts';
import { readPages, type PageSource } from '../../../packages/engines/src/rows/read/pages.ts';
import type { RangePlan } from '../../../packages/engines/src/rows/read/ranges.ts';
import { createTuner } from '../../../packages/engines/src/rows/read/tune.ts';
import { definition, memoryServer, type MemoryServer } from './memory-client.ts';

const laneOf = (streams: number, pageBytes: number, budgetBytes: number): Lane =>
  createLane({
    budgetBytes,
    tuner: createTuner({
      start: { streams, pageBytes },
      maxStreams: streams,
      minPageBytes: 1,
      maxPageBytes: pageBytes,
      maxBytes: streams * pageBytes,
    }),
    clock: systemClock,
  });

const sourceOf = (server: MemoryServer, lane: Lane, signal = new AbortController().signal): PageSource => ({
  client: server.client,
  lane,
  definition,
  partition: '_default',
  moment: null,
  signal,
});

async function collect(source: PageSource, plan: RangePlan): Promise<unknown[]> {
  const keys: unknown[] = [];
  for await (const page of readPages(source, plan)) keys.push(...keysOf(page.batch));
  return keys;
}

const whole = (bounds: bigint[], rowsExpected: number, rowBytes: number): RangePlan => ({
  after: null,
  upTo: null,
  bounds,
  rowsExpected,
  rowBytes,
});

test('whatever the bounds, limits and guesses: every key comes once, in order', async () => {
  const key = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const sorted = (keys: bigint[]): bigint[] => [...new Set(keys)].sort((a, b) => (a < b ? -1 : 1));
  await fc.assert(
    fc.asyncProperty(
      fc.array(key, { maxLength: 60 }).map(sorted),
      fc.array(key, { maxLength: 12 }).map(sorted),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 100, max: 1500 }),
      fc.integer({ min: 1, max: 1000 }),
      async (keys, bounds, streams, limit, guess) => {
        const server = memoryServer(keys, 100, limit);
        const lane = laneOf(streams, 400, 1000);
        expect(await collect(sourceOf(server, lane), whole(bounds, keys.length, guess))).toEqual(keys);
        expect(server.most()).toBeLessThanOrEqual(streams);
        // All room was given back: a lane is shared by parts that come later.
        const ticket = await lane.enter(1000, new AbortController().signal);
        ticket.release();
      },
    ),
    { numRuns: 60 },
  );
});

test('several ranges are under way at once, each about as large as a page', async () => {
  const keys = Array.from({ length: 1000 }, (_, i) => BigInt(i));
  const server = memoryServer(keys, 10, 1e9);
  const bounds = keys.filter((key) => key % 10n === 9n && key < 999n);
  await collect(sourceOf(server, laneOf(4, 500, 1e6)), whole(bounds, 1000, 10));
  expect(server.most()).toBe(4);
  expect(server.asked).toHaveLength(20);
});

test('a row that no reply can hold is named', async () => {
  const server = memoryServer([1n, 2n, 3n], 100, 50);
  const reading = collect(sourceOf(server, laneOf(2, 400, 1000)), whole([], 3, 1));
  await expect(reading).rejects.toMatchObject({ code: 'ROW_TOO_LARGE', details: { upTo: { value: '1' } } });
});

test('a fault of one read ends the others and is thrown', async () => {
  const server = memoryServer([1n, 2n, 3n, 4n], 10, 1e9);
  const broken: MemoryServer = {
    ...server,
    client: new Proxy(server.client, {
      get: (target, name) =>
        name === 'read'
          ? (request: { range: { after: bigint | null } }) =>
              request.range.after === 2n ? Promise.reject(new Error('broken')) : target.read(request as never)
          : (Reflect.get(target, name) as unknown),
    }),
  };
  const lane = laneOf(3, 10, 1000);
  await expect(collect(sourceOf(broken, lane), whole([1n, 2n, 3n], 4, 10))).rejects.toThrow('broken');
  (await lane.enter(1000, new AbortController().signal)).release();
});

test('a stopped run ends reading with its reason', async () => {
  const stop = new AbortController();
  const server = memoryServer(
    Array.from({ length: 100 }, (_, i) => BigInt(i)),
    10,
    1e9,
  );
  const source = sourceOf(server, laneOf(1, 10, 1000), stop.signal);
  const pages = readPages(
    source,
    whole(
      Array.from({ length: 99 }, (_, i) => BigInt(i)),
      100,
      10,
    ),
  );
  await pages.next();
  stop.abort(new Error('stopped'));
  await expect(
    (async () => {
      for await (const page of pages) void page;
    })(),
  ).rejects.toThrow('stopped');
  await expect(collect(source, whole([], 100, 10))).rejects.toThrow('stopped');
});
