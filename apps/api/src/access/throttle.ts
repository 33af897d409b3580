import type { Clock } from '@milvault/shared';

const WINDOW_MS = 60_000;
const MOST = 10;
const MOST_CALLERS = 10_000;

/** Counts wrong tokens by caller, so that guessing is slow. Forgets a caller when its minute is over. */
export interface Throttle {
  /** Milliseconds until this caller may try again; 0: now. */
  waitMs(caller: string): number;
  failed(caller: string): void;
}

export function createThrottle(clock: Clock): Throttle {
  const failures = new Map<string, { since: number; count: number }>();
  const current = (caller: string): { since: number; count: number } | undefined => {
    const entry = failures.get(caller);
    if (entry === undefined || clock.monotonic() - entry.since < WINDOW_MS) return entry;
    failures.delete(caller);
    return undefined;
  };
  return {
    waitMs: (caller) => {
      const entry = current(caller);
      return entry === undefined || entry.count < MOST ? 0 : Math.ceil(entry.since + WINDOW_MS - clock.monotonic());
    },
    failed: (caller) => {
      const entry = current(caller) ?? { since: clock.monotonic(), count: 0 };
      entry.count += 1;
      failures.delete(caller);
      failures.set(caller, entry);
      // The oldest goes first: memory stays bounded whoever knocks.
      const oldest = failures.keys().next();
      if (failures.size > MOST_CALLERS && oldest.done === false) failures.delete(oldest.value);
    },
  };
}
