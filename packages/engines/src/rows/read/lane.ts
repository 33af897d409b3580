import type { Clock } from '@milvault/shared';
import type { Setting, Tuner } from './tune.ts';

/**
 * The way in for pages from one Milvus, shared by every part that this process reads from it: it bounds the reads that
 * go on at once (as the tuner finds best) and the bytes of pages that are under way or wait for their turn.
 */
export interface Lane {
  readonly setting: Setting;
  /** Waits for a stream and for room for about `bytes`, first come first served. Rejects with the signal's reason. */
  enter(bytes: number, signal: AbortSignal): Promise<Ticket>;
  tooLarge(bytes: number): void;
}

/** The right to have one page in memory. Each ticket is released exactly once; its stream may be given back before. */
export interface Ticket {
  /** The read came back with so many bytes, so its stream is free. */
  arrived(wireBytes: number): void;
  release(): void;
}

interface Waiting {
  readonly bytes: number;
  readonly admit: () => void;
}

export function createLane(deps: { budgetBytes: number; tuner: Tuner; clock: Clock }): Lane {
  const { budgetBytes, tuner, clock } = deps;
  const queue: Waiting[] = [];
  let streams = 0;
  let held = 0;

  // A page larger than the whole budget is let in alone: it must be read at some time.
  const fits = (bytes: number): boolean =>
    streams < tuner.setting.streams && (held === 0 || held + bytes <= budgetBytes);

  const drain = (): void => {
    for (let next = queue[0]; next !== undefined && fits(next.bytes); next = queue[0]) {
      queue.shift();
      next.admit();
    }
  };

  const issue = (estimate: number): Ticket => {
    let bytes = estimate;
    let reading = true;
    streams += 1;
    held += bytes;
    const endRead = (): void => {
      if (reading) streams -= 1;
      reading = false;
    };
    return {
      arrived(wireBytes) {
        endRead();
        held += wireBytes - bytes;
        bytes = wireBytes;
        tuner.note(wireBytes, clock.monotonic());
        drain();
      },
      release() {
        endRead();
        held -= bytes;
        bytes = 0;
        drain();
      },
    };
  };

  return {
    get setting() {
      return tuner.setting;
    },
    tooLarge: (bytes) => tuner.tooLarge(bytes),
    enter: (bytes, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error);
        const leave = (): void => {
          queue.splice(queue.indexOf(waiting), 1);
          reject(signal.reason as Error);
          drain();
        };
        const waiting: Waiting = {
          bytes,
          admit: () => {
            signal.removeEventListener('abort', leave);
            resolve(issue(bytes));
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        queue.push(waiting);
        drain();
      }),
  };
}
