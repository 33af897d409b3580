import { expect, test } from 'vitest';
import { Stopped, systemClock } from '@milvault/shared';

test('monotonic time never goes back', () => {
  let last = systemClock.monotonic();
  for (let i = 0; i < 1_000; i++) {
    const now = systemClock.monotonic();
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
});

test('a sleep lasts as long as it was asked to', async () => {
  const start = systemClock.monotonic();
  await systemClock.sleep(20);
  expect(systemClock.monotonic() - start).toBeGreaterThanOrEqual(19);
});

test('a sleep ends at once with the reason of its signal', async () => {
  const controller = new AbortController();
  const sleep = systemClock.sleep(60_000, controller.signal);
  const reason = new Stopped('cancelled');
  controller.abort(reason);
  await expect(sleep).rejects.toBe(reason);
});

test('a sleep under a signal that is aborted already does not begin', async () => {
  const reason = new Stopped('handover');
  await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
});
