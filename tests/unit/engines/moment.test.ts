import { systemClock } from '@milvault/shared';
import { expect, test } from 'vitest';
import { LOGICAL_BITS, wholeMoment } from '../../../packages/engines/src/segments/backup/moment.ts';

const { signal } = new AbortController();
const moment = (ms: number, count: number): string => ((BigInt(ms) << LOGICAL_BITS) + BigInt(count)).toString();

/** A server that tells these moments, the last one for ever, and a clock that only its sleepers move. */
function given(...told: readonly (string | null)[]) {
  const left = [...told];
  let now = 0;
  const clock = {
    ...systemClock,
    monotonic: () => now,
    sleep: (ms: number) => Promise.resolve(void (now += ms)),
  };
  const client = { moment: () => Promise.resolve((left.length > 1 ? left.shift() : left[0]) ?? null) };
  return { asking: wholeMoment(client, clock, signal), left };
}

test('the moment is the next millisecond, and it waits until Milvus is there', async () => {
  const { asking, left } = given(moment(5, 7), moment(5, 9), moment(5, 12), moment(6, 1), moment(9, 1));
  expect(await asking).toBe(moment(6, 0));
  expect(left).toEqual([moment(9, 1)]);
});

test('a clock that goes on by more than a millisecond changes nothing', async () => {
  expect(await given(moment(5, 7), moment(55, 1)).asking).toBe(moment(6, 0));
});

test('a server that tells no time has no moment; one whose clock stands is named', async () => {
  expect(await given(null).asking).toBeNull();
  await expect(given(moment(5, 7)).asking).rejects.toMatchObject({ code: 'SOURCE_TIMEOUT' });
});
