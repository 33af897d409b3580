import type { LiveEvent } from './hub.ts';

/** One who watches. */
export interface Follower {
  push(event: LiveEvent): void;
  /** Everything that was pushed, until the signal aborts, or until too much waits here. */
  events(): AsyncIterable<LiveEvent>;
}

/**
 * Events that may wait for a slow watcher. With more the stream ends; the watcher comes back with the id of its last
 * event and reads on from Redis, so that nothing is lost and no memory grows here.
 */
const MOST_WAITING = 1_000;

export function createFollower(signal: AbortSignal): Follower {
  const waiting: LiveEvent[] = [];
  let wake: () => void = () => undefined;
  let full = false;
  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    push: (event) => {
      if (waiting.length >= MOST_WAITING) full = true;
      else if (!full) waiting.push(event);
      wake();
    },
    async *events() {
      while (!signal.aborted && !full) {
        const event = waiting.shift();
        if (event !== undefined) yield event;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
