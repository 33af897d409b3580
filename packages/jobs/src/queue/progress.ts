import type { JobContext } from '../port.ts';
import type { House } from './house.ts';

/** Counts what a part, or the run itself, has done, and writes it down now and then. */
export interface Counter {
  readonly onProgress: JobContext['onProgress'];
  /** The rest is written, and the part is done where it says so. */
  settle(finished: boolean): Promise<void>;
}

/** `part`: its number, or `run` for the steps around the parts. Each try starts from nothing. */
export function createCounter(house: House, run: string, part: string): Counter {
  const { clock, catalog, tuning, logger } = house;
  let rows = 0;
  let bytes = 0;
  let written = clock.monotonic();
  const write = (finished: boolean): Promise<void> => catalog.work.progress(run, part, { rows, bytes, finished });
  // Progress that is lost is no reason to fail: the next one carries it.
  const missed = (err: unknown): void => logger.debug({ err, run }, 'Progress was not written');
  return {
    onProgress: (done) => {
      rows += done.rows ?? 0;
      bytes += done.bytes ?? 0;
      if (done.phase !== undefined) catalog.runs.phase(run, done.phase).catch(missed);
      if (clock.monotonic() - written < tuning.progressMs) return;
      written = clock.monotonic();
      write(false).catch(missed);
    },
    settle: async (finished) => {
      if (finished || rows > 0 || bytes > 0) await write(finished);
    },
  };
}
