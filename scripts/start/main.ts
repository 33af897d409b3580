import { createReleases, type Releases } from './releases.ts';
import { stopSignal } from './stop-signal.ts';

/** Runs `work`, releases what it acquired, and sets the exit code: 0 well, 1 with the error, 130 stopped by a signal. */
export async function runAndRelease(work: (signal: AbortSignal, releases: Releases) => Promise<void>): Promise<void> {
  const releases = createReleases();
  const signal = stopSignal();
  try {
    try {
      await work(signal, releases);
    } finally {
      await releases.all();
    }
  } catch (error) {
    process.exitCode = signal.aborted ? 130 : 1;
    if (signal.aborted) return;
    process.stderr.write(`\nmilvault could not go on: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
