import type { CatalogEvent } from '@milvault/catalog';
import type { Redis } from 'ioredis';
import type { House } from './house.ts';

/** Live events for any number of followers on one blocking connection, open only while somebody follows. */
export interface Follower {
  follow(lastId: string | null, signal: AbortSignal): AsyncIterable<CatalogEvent>;
  close(): void;
}

const BLOCK_MS = 5_000;
const BATCH = 200;
/** A Redis that is away is not asked in a hurry. */
const AFTER_FAULT_MS = 500;

export function createFollower(house: House): Follower {
  const { events } = house.catalog;
  const waiting = new Set<() => void>();
  let closed = false;
  let following = 0;
  let listening: Promise<void> | null = null;
  let blocking: Redis | null = null;
  const wakeAll = (): void => {
    for (const wake of [...waiting]) wake();
  };
  const listen = async (): Promise<void> => {
    let connection: Redis | null = null;
    try {
      connection = await house.connect('working');
      blocking = connection;
      let newest = await events.newest();
      // What came since the followers looked, while this was connecting, is not waited for below.
      wakeAll();
      while (following > 0 && !closed) {
        if (!(await events.arrived(connection, newest, BLOCK_MS))) continue;
        newest = await events.newest();
        wakeAll();
      }
    } catch (err) {
      if (!closed) house.logger.warn({ err }, 'Following live events was interrupted');
      await house.clock.sleep(AFTER_FAULT_MS);
    } finally {
      blocking = null;
      connection?.disconnect();
      listening = null;
      wakeAll();
    }
  };
  async function* follow(lastId: string | null, signal: AbortSignal): AsyncGenerator<CatalogEvent> {
    following += 1;
    try {
      let at = lastId ?? (await events.newest());
      while (!signal.aborted && !closed) {
        // Asked for before the look, so that nothing can come between the look and the wait.
        const woken = nextWake(waiting, signal);
        listening ??= listen();
        try {
          const batch = await events.after(at, BATCH);
          for (const event of batch) {
            yield event;
            at = event.id;
          }
          if (batch.length === 0) await woken.promise;
        } finally {
          woken.cancel();
        }
      }
    } finally {
      following -= 1;
    }
  }
  return {
    follow,
    close: () => {
      closed = true;
      blocking?.disconnect();
      wakeAll();
    },
  };
}

function nextWake(waiting: Set<() => void>, signal: AbortSignal): { promise: Promise<void>; cancel(): void } {
  let wake = (): void => undefined;
  const promise = new Promise<void>((resolve) => (wake = resolve));
  waiting.add(wake);
  signal.addEventListener('abort', wake);
  if (signal.aborted) wake();
  return {
    promise,
    cancel: () => {
      waiting.delete(wake);
      signal.removeEventListener('abort', wake);
    },
  };
}
