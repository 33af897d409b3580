import type { Progress, Run } from '@milvault/shared';
import type { House } from './house.ts';

const LOOK_MS = 150;

/** Looks at the record until the run has ended; rejects with the signal's reason. */
export async function waitForEnd(
  { catalog, clock }: House,
  id: string,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<Run> {
  let told = '';
  for (;;) {
    signal.throwIfAborted();
    const run = await catalog.runs.get(id);
    const now = JSON.stringify(run.progress);
    if (now !== told) onProgress(run.progress);
    told = now;
    if (run.endedAt !== null) return run;
    await clock.sleep(LOOK_MS, signal);
  }
}
