import { systemClock } from '@milvault/shared';
import { expect, test } from 'vitest';
import { createLane, type Lane, type Ticket } from '../../../packages/engines/src/rows/read/lane.ts';
import type { Tuner } from '../../../packages/engines/src/rows/read/tune.ts';

const tunerOf = (streams: number): Tuner => ({
  setting: { streams, pageBytes: 10 },
  note: () => undefined,
  tooLarge: () => undefined,
});
const laneOf = (streams: number, budgetBytes: number): Lane =>
  createLane({ budgetBytes, tuner: tunerOf(streams), clock: systemClock });
const never = new AbortController().signal;

/** What has been let in after all that could happen at once has happened. */
async function admitted(asked: readonly Promise<Ticket>[]): Promise<boolean[]> {
  const done = asked.map(() => false);
  asked.forEach((one, i) => void one.then(() => (done[i] = true)));
  await new Promise(setImmediate);
  return done;
}

test('no more reads go on than there are streams; one that arrived makes room for the next', async () => {
  const lane = laneOf(2, 1000);
  const asked = [1, 2, 3].map(() => lane.enter(10, never));
  expect(await admitted(asked)).toEqual([true, true, false]);
  (await asked[0])?.arrived(10);
  expect(await admitted(asked)).toEqual([true, true, true]);
});

test('pages that arrived still count until they are released', async () => {
  const lane = laneOf(9, 25);
  const asked = [1, 2, 3].map(() => lane.enter(10, never));
  expect(await admitted(asked)).toEqual([true, true, false]);
  (await asked[0])?.arrived(10);
  expect(await admitted(asked)).toEqual([true, true, false]);
  (await asked[0])?.release();
  expect(await admitted(asked)).toEqual([true, true, true]);
});

test('what arrived counts with its true size', async () => {
  const lane = laneOf(9, 100);
  const first = await lane.enter(10, never);
  first.arrived(95);
  expect(await admitted([lane.enter(10, never)])).toEqual([false]);
});

test('a page larger than the whole budget is let in alone', async () => {
  const lane = laneOf(9, 25);
  const asked = [lane.enter(500, never), lane.enter(1, never)];
  expect(await admitted(asked)).toEqual([true, false]);
});

test('who waits and is stopped leaves the queue to the others', async () => {
  const lane = laneOf(1, 1000);
  const stop = new AbortController();
  const first = await lane.enter(10, never);
  const second = lane.enter(10, stop.signal);
  const third = lane.enter(10, never);
  stop.abort(new Error('stopped'));
  await expect(second).rejects.toThrow('stopped');
  await expect(lane.enter(10, stop.signal)).rejects.toThrow('stopped');
  first.release();
  expect(await admitted([third])).toEqual([true]);
});
