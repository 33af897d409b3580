import { Stopped, type StopReason } from '@milvault/shared';

/** What this process does now, by run: how a cancel finds what it has to stop. */
export interface Underway {
  /** The signal of one job. BullMQ's own signal carries why it was stopped as text. */
  enter(run: string, signal: AbortSignal | undefined): { readonly signal: AbortSignal; leave(): void };
  cancel(run: string): void;
  runs(): string[];
  count(): number;
}

export function createUnderway(): Underway {
  const working = new Map<string, Set<AbortController>>();
  return {
    enter: (run, signal) => {
      const stop = new AbortController();
      const stopped = (): void => stop.abort(new Stopped(reasonOf(signal?.reason)));
      if (signal?.aborted === true) stopped();
      signal?.addEventListener('abort', stopped);
      const controllers = working.get(run) ?? new Set();
      working.set(run, controllers.add(stop));
      return {
        signal: stop.signal,
        leave: () => {
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
