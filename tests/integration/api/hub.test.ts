import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCatalog, openRedis, type EventLog } from '@milvault/catalog';
import { secret, silentLogger, systemClock } from '@milvault/shared';
import { createHub, type Hub, type LiveEvent } from '../../../apps/api/src/live/hub.ts';
import { servers } from '../../support/servers.ts';

let ending: AbortController;
let redis: Awaited<ReturnType<typeof openRedis>>;
let blocking: Awaited<ReturnType<typeof openRedis>>;
let prefix: string;
let log: EventLog;

beforeEach(async () => {
  ending = new AbortController();
  prefix = `{t-${randomUUID()}}`;
  const url = secret(servers().redis);
  redis = await openRedis(url, 'asking', () => undefined);
  blocking = await openRedis(url, 'working', () => undefined);
  log = createCatalog({ redis, clock: systemClock, prefix }).events;
});
afterEach(async () => {
  ending.abort();
  blocking.disconnect();
  const keys = await redis.keys(`${prefix}*`);
  if (keys.length > 0) await redis.del(keys);
  redis.disconnect();
});

const hub = (): Hub =>
  createHub(
    { after: log.after, newest: log.newest, arrived: (id, ms) => log.arrived(blocking, id, ms) },
    systemClock,
    silentLogger,
    ending.signal,
  );
const up = (number: number): Promise<void> => log.emit('worker.up', { worker: String(number) });
const numberOf = (event: LiveEvent): number => ('worker' in event.data ? Number(event.data.worker) : NaN);

async function take(events: AsyncIterable<LiveEvent>, count: number): Promise<LiveEvent[]> {
  const taken: LiveEvent[] = [];
  for await (const event of events) if (taken.push(event) === count) break;
  return taken;
}

/** The hub reads from the newest event on: it has begun when one that is sent arrives. */
async function begun(one: Hub): Promise<void> {
  let seen = false;
  one.listen(() => (seen = true));
  await expect.poll(() => (seen ? true : up(0).then(() => seen)), { interval: 20 }).toBe(true);
}

test('everybody who watches gets each event once and in order, over one subscription', async () => {
  const one = hub();
  await begun(one);
  const watchers = [1, 2, 3].map(() => take(one.follow(null, ending.signal), 20));
  await expect.poll(() => one.followers).toBe(3);
  for (let number = 1; number <= 20; number++) await up(number);
  for (const events of await Promise.all(watchers)) {
    expect(events.map(numberOf).filter((number) => number > 0)).toEqual(
      Array.from({ length: events.filter((event) => numberOf(event) > 0).length }, (_, index) => index + 1),
    );
  }
  expect(one.followers).toBe(0);
});

test('who comes back gets what was missed, however much, and then goes on without a gap or a repetition', async () => {
  await up(0);
  const last = await log.newest();
  for (let number = 1; number <= 1200; number++) await up(number);
  const one = hub();
  await begun(one);
  const gone = new AbortController();
  const events: LiveEvent[] = [];
  const reading = (async () => {
    for await (const event of one.follow(last, gone.signal)) {
      events.push(event);
      // While the missed ones are read, new ones come.
      if (events.length === 100) for (let number = 1201; number <= 1210; number++) await up(number);
      if (numberOf(event) === 1210) gone.abort();
    }
  })();
  await reading;
  const numbers = events.map(numberOf).filter((number) => number > 0);
  expect(numbers).toEqual(Array.from({ length: 1210 }, (_, index) => index + 1));
});

test('a loss of the connection is survived: events from meanwhile arrive after it', async () => {
  const one = hub();
  await begun(one);
  const reading = take(one.follow(null, ending.signal), 2);
  await expect.poll(() => one.followers).toBe(1);
  blocking.disconnect(true);
  await up(1);
  await up(2);
  expect((await reading).map(numberOf).at(-1)).toBeGreaterThan(0);
});

test('a watcher that does not read is let go instead of filling the memory', async () => {
  const one = hub();
  await begun(one);
  const slow = one.follow(null, ending.signal)[Symbol.asyncIterator]();
  const first = slow.next();
  await expect.poll(() => one.followers).toBe(1);
  const tellMany = (): void => {
    for (let number = 0; number < 1_500; number++) {
      one.tell({ id: `${String(number + 1)}-0`, type: 'worker.up', data: { worker: String(number) } });
    }
  };
  tellMany();
  await first;
  await expect(slow.next().then(({ done }) => done)).resolves.toBe(true);
  expect(one.followers).toBe(0);
});
