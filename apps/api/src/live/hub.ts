import type { CatalogEvent } from '@milvault/catalog';
import type { Clock, Logger, Progress } from '@milvault/shared';
import { createFollower, type Follower } from './follower.ts';
import { isAfter } from './stream-id.ts';

/** Something that happened, for whoever watches. Progress has no id: it is not kept, and the next one replaces it. */
export type LiveEvent =
  | CatalogEvent
  | {
      readonly id: null;
      readonly type: 'run.progress';
      readonly data: { readonly run: string; readonly progress: Progress };
    };

/** Where events are kept. `arrived` waits for one after `id`, on a connection of its own. */
export interface EventSource {
  after(id: string | null, count: number): Promise<CatalogEvent[]>;
  newest(): Promise<string>;
  arrived(id: string, ms: number): Promise<boolean>;
}

export interface Hub {
  /** What was missed since `lastId`, as far as it is kept, and then all that comes, until the signal aborts. */
  follow(lastId: string | null, signal: AbortSignal): AsyncIterable<LiveEvent>;
  /** Tells this process itself, from now on: for its metrics, say. Does not count as a follower. */
  listen(listener: (event: LiveEvent) => void): void;
  /** Tells every follower, and keeps nothing. */
  tell(event: LiveEvent): void;
  /** How many watch. */
  readonly followers: number;
}

const WAIT_MS = 5_000;
const AFTER_FAULT_MS = 1_000;
const PAGE = 500;

/**
 * One subscription for the whole process, however many watch. It reads on through losses of Redis from the place where
 * it was. Ends with `signal`.
 */
export function createHub(source: EventSource, clock: Clock, logger: Logger, signal: AbortSignal): Hub {
  const followers = new Set<Follower>();
  const listeners: ((event: LiveEvent) => void)[] = [];
  const tell = (event: LiveEvent): void => {
    for (const follower of followers) follower.push(event);
    for (const listener of listeners) listener(event);
  };

  async function read(): Promise<void> {
    let position: string | null = null;
    while (!signal.aborted) {
      try {
        position ??= await source.newest();
        if (!(await source.arrived(position, WAIT_MS))) continue;
        for (const event of await source.after(position, PAGE)) {
          tell(event);
          position = event.id;
        }
      } catch (error) {
        if (signal.aborted) return;
        logger.warn({ err: error }, 'live events are not read until Redis answers again');
        await clock.sleep(AFTER_FAULT_MS, signal).catch(() => undefined);
      }
    }
  }
  void read();

  async function* follow(lastId: string | null, gone: AbortSignal): AsyncGenerator<LiveEvent> {
    // First listen, then read what was missed: nothing falls between the two, and what is in both is told once.
    const follower = createFollower(AbortSignal.any([gone, signal]));
    followers.add(follower);
    let last = lastId;
    try {
      for (let page = await missed(last); page.length > 0; page = await missed(last)) {
        for (const event of page) yield event;
        last = page.at(-1)?.id ?? last;
      }
      for await (const event of follower.events()) {
        if (event.id !== null && last !== null && !isAfter(event.id, last)) continue;
        yield event;
      }
    } finally {
      followers.delete(follower);
    }
  }

  const missed = async (last: string | null): Promise<CatalogEvent[]> =>
    last === null ? [] : source.after(last, PAGE);

  return {
    follow,
    listen: (listener) => void listeners.push(listener),
    tell,
    get followers() {
      return followers.size;
    },
  };
}
