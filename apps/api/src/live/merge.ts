/**
 * Two streams as one, each read only as fast as the caller reads. Ends when the first ends. `open` gets a signal that
 * aborts when the caller stops, so that neither stream goes on waiting for nobody.
 */
export async function* merge<T>(
  signal: AbortSignal,
  open: (signal: AbortSignal) => readonly [first: AsyncIterable<T>, second: AsyncIterable<T>],
): AsyncGenerator<T> {
  const left = new AbortController();
  const [first, second] = open(AbortSignal.any([signal, left.signal])).map((one) => one[Symbol.asyncIterator]());
  if (first === undefined || second === undefined) return;
  const next = async (of: AsyncIterator<T>) => ({ of, result: await of.next() });
  try {
    let [fromFirst, fromSecond] = [next(first), next(second)];
    for (;;) {
      const { of, result } = await Promise.race([fromFirst, fromSecond]);
      if (result.done === true) {
        if (of === first) return;
        fromSecond = new Promise(() => undefined);
        continue;
      }
      yield result.value;
      if (of === first) fromFirst = next(first);
      else fromSecond = next(second);
    }
  } finally {
    left.abort();
    await Promise.allSettled([first.return?.(), second.return?.()]);
  }
}
