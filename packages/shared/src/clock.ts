import { setTimeout as wait } from 'node:timers/promises';

/** The only way to time in milvault. Elsewhere `Date.now`, `new Date()`, `performance.now` and timers are lint errors. */
export interface Clock {
  /** Milliseconds since 1970. May jump: for what people read and for retention, never for durations or leases. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted();
    try {
      await wait(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};
