/**
 * Runs `work` over the items, at most `limit` at once, and gives the results in their order. After a rejection no
 * further item is begun, those under way are waited for, and then the first rejection is thrown.
 */
export async function pooled<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, number: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const number = next;
      next += 1;
      try {
        // In bounds by the loop's condition; an item may itself be undefined.
        results[number] = await work(items[number] as Item, number);
      } catch (thrown) {
        failures.push(thrown);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, limit) }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
}
