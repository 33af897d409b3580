import { Stopped, type Clock, type StopReason } from '@milvault/shared';

/** What this process does now, by run: how a cancel finds what it has to stop. */
export interface Underway {
  /** The signal of one job. BullMQ's own signal carries why it was stopped as text. */
  enter(run: string, signal: AbortSignal | undefined): Place;
  cancel(run: string): void;
  runs(): string[];
  count(): number;
}

/** What one job has here until it leaves. */
export interface Place {
  readonly signal: AbortSignal;
  /** Stops the job as timed out when so much more time has passed. */
  endAfter(ms: number): void;
  leave(): void;
}

export function createUnderway(clock: Clock): Underway {
  const working = new Map<string, Set<AbortController>>();
  return {
    enter: (run, signal) => {
      const stop = new AbortController();
      const stopped = (): void => stop.abort(new Stopped(reasonOf(signal?.reason)));
      if (signal?.aborted === true) stopped();
      signal?.addEventListener('abort', stopped);
      const controllers = working.get(run) ?? new Set();
      working.set(run, controllers.add(stop));
      const left = new AbortController();
      return {
        signal: stop.signal,
        endAfter: (ms) => {
          clock.sleep(Math.max(0, ms), left.signal).then(
            () => stop.abort(new Stopped('timed-out')),
            () => undefined,
          );
        },
        leave: () => {
          left.abort();
          signal?.removeEventListener('abort', stopped);
          controllers.delete(stop);
          if (controllers.size === 0) working.delete(run);
        },
      };
    },
    cancel: (run) => {
      for (const stop of working.get(run) ?? []) stop.abort(new Stopped('cancelled'));
    },
    runs: () => [...working.keys()],
    count: () => [...working.values()].reduce((sum, controllers) => sum + controllers.size, 0),
  };
}

const reasonOf = (reason: unknown): StopReason => (reason === 'handover' ? 'handover' : 'lease-lost');
