import type { Redis } from 'ioredis';
import { keyOf, parse, type Store } from './store.ts';

/** What happens, for those who watch. */
export interface CatalogEvents {
  readonly 'run.changed': { readonly run: string; readonly kind: string; readonly state: string };
  readonly 'backup.committed': { readonly backup: string; readonly name: string; readonly repository: string };
  readonly 'backup.changed': {
    readonly backup: string;
    readonly repository: string;
    readonly change: 'removed' | 'held' | 'released';
  };
  readonly 'incident.opened': { readonly incident: string; readonly title: string };
  readonly 'incident.recovered': { readonly incident: string; readonly title: string };
  readonly 'worker.up': { readonly worker: string };
  readonly 'worker.down': { readonly worker: string };
}
export type CatalogEventType = keyof CatalogEvents;

export type CatalogEvent = {
  [T in CatalogEventType]: {
    /** Rises; names the place to go on from. */
    readonly id: string;
    readonly type: T;
    readonly data: CatalogEvents[T];
  };
}[CatalogEventType];

export interface EventLog {
  emit<T extends CatalogEventType>(type: T, data: CatalogEvents[T]): Promise<void>;
  /** Events after `id`, oldest first; without an id from the oldest that is kept. */
  after(id: string | null, count: number): Promise<CatalogEvent[]>;
  /** Id of the newest event, or `0-0`. */
  newest(): Promise<string>;
  /** Waits on `blocking`, a connection for this alone, up to `ms` for an event after `id`. */
  arrived(blocking: Redis, id: string, ms: number): Promise<boolean>;
}

/** About a day of a busy house; who was away for longer reads the records anew. */
const KEPT = 10_000;

export function createEventLog(store: Store): EventLog {
  const { redis } = store;
  const key = keyOf(store, 'events');
  return {
    emit: async (type, data) => {
      await redis.xadd(key, 'MAXLEN', '~', KEPT, '*', 'type', type, 'data', JSON.stringify(data));
    },
    after: async (id, count) => {
      const found = await redis.xrange(key, id === null ? '-' : `(${id}`, '+', 'COUNT', count);
      return found.map(([eventId, fields]) => toEvent(eventId, fields));
    },
    newest: async () => (await redis.xrevrange(key, '+', '-', 'COUNT', 1))[0]?.[0] ?? '0-0',
    arrived: async (blocking, id, ms) => (await blocking.xread('COUNT', 1, 'BLOCK', ms, 'STREAMS', key, id)) !== null,
  };
}

/** Written by `emit` as [type, …, data, …]. */
const toEvent = (id: string, fields: readonly string[]): CatalogEvent => {
  const [, type, , data] = fields;
  return { id, type, data: parse(data ?? '{}') } as CatalogEvent;
};
