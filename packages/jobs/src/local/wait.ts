import type { Progress, Run } from '@milvault/shared';
import type { RunBook } from './record.ts';

/** Resolves with the run when it has ended; rejects with the signal's reason. */
export async function waitForEnd(
  book: RunBook,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<Run> {
  let wake = (): void => undefined;
  const unwatch = book.watch(() => wake());
  const stopped = (): void => wake();
  signal.addEventListener('abort', stopped);
  try {
    let told: Progress | null = null;
    for (;;) {
      signal.throwIfAborted();
      const run = book.run();
      if (run.progress !== told) onProgress(run.progress);
      told = run.progress;
      if (run.endedAt !== null) return run;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    unwatch();
    signal.removeEventListener('abort', stopped);
  }
}
