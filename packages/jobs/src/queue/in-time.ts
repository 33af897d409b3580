import type { Clock } from '@milvault/shared';

/**
 * Waits for an end, but not for ever: with Redis away some never come. Gives whether it came in time. What it rejects
 * with is no news any more for something that is being left.
 */
export async function inTime(clock: Clock, ending: Promise<unknown>, ms: number): Promise<boolean> {
  const ended = new AbortController();
  const come = ending.then(
    () => true,
    () => true,
  );
  const late = clock.sleep(ms, ended.signal).then(
    () => false,
    () => true,
  );
  try {
    return await Promise.race([come, late]);
  } finally {
    ended.abort();
  }
}
