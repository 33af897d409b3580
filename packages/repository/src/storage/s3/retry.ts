import { randomInt } from 'node:crypto';
import type { Clock } from '@milvault/shared';
import { isStoreFault, type StoreFaultKind } from './faults.ts';
import type { StoreLimits } from './limits.ts';

/** What passes by itself. `clock`: the SDK learns from the refusal how far off we are, and the next try is right. */
const PASSING: readonly StoreFaultKind[] = ['busy', 'unreachable', 'cut', 'conflict', 'clock'];

export const isPassing = (thrown: unknown): boolean => isStoreFault(thrown, ...PASSING);

/** The pause after try `tries` (from 1): twice the last one, and random by half, so that not all come back at once. */
export function pauseMs(limits: StoreLimits, tries: number): number {
  const whole = Math.min(limits.longestPauseMs, limits.firstPauseMs * 2 ** (tries - 1));
  return whole / 2 + (whole / 2) * (randomInt(1_000) / 1_000);
}

/** What a call is repeated by. `signal` ends the pauses, too, with its reason. */
export interface Patience {
  readonly clock: Clock;
  readonly limits: StoreLimits;
  readonly signal?: AbortSignal | undefined;
}

/** Repeats a call that may be repeated until it succeeds, fails for good, or the tries are used up. */
export async function retried<T>({ clock, limits, signal }: Patience, call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (tries === limits.tries || !isPassing(error)) throw error;
      await clock.sleep(pauseMs(limits, tries), signal);
    }
  }
}
