/**
 * Runs `work` on every item, so many at once, and gives the results in the order of the items. After a fault nothing
 * new begins; it is thrown when what goes on has ended, so that no work outlives the call.
 */
export async function mapAtOnce<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, place: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  let failed = false;
  const ends = await Promise.allSettled(
    Array.from({ length: Math.min(atOnce, items.length) }, async () => {
      for (const [place, item] of left) {
        try {
          results[place] = await work(item, place);
        } catch (error) {
          failed = true;
          throw error;
        }
        if (failed) return;
      }
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}

/** Small calls (describe, count) under way at once: each waits for Milvus more than it works. */
export const CALLS_AT_ONCE = 8;
