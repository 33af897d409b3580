import type { EventLog } from './events.ts';
import { keyOf, parse, type Store } from './store.ts';

/** A process that takes jobs. */
export interface WorkerRecord {
  /** host:pid, and more where two would be alike. */
  readonly name: string;
  readonly queues: readonly string[];
  readonly startedAt: number;
  /** When it last said that it lives. */
  readonly seenAt: number;
  /** Jobs that it does now, and its memory in bytes. */
  readonly running: number;
  readonly memory: number;
}

export interface Workers {
  /** Says that a worker lives, for the next `ms`. */
  beat(worker: Omit<WorkerRecord, 'seenAt'>, ms: number): Promise<void>;
  leave(name: string): Promise<void>;
  /** Those that live now. One that fell silent is told as `worker.down` by whoever asks first. */
  list(): Promise<WorkerRecord[]>;
}

export function createWorkers(store: Store, events: EventLog): Workers {
  const { redis, clock } = store;
  const names = keyOf(store, 'workers');
  const keyFor = (name: string): string => keyOf(store, 'worker', name);
  const gone = async (name: string): Promise<void> => {
    // Of several that notice, one removes the name, and that one tells.
    if ((await redis.srem(names, name)) === 1) await events.emit('worker.down', { worker: name });
  };
  return {
    beat: async (worker, ms) => {
      const record: WorkerRecord = { ...worker, seenAt: clock.now() };
      // The key's own life decides who lives: no clock of another machine is asked.
      await redis.set(keyFor(worker.name), JSON.stringify(record), 'PX', Math.ceil(ms));
      if ((await redis.sadd(names, worker.name)) === 1) await events.emit('worker.up', { worker: worker.name });
    },
    leave: async (name) => {
      await redis.del(keyFor(name));
      await gone(name);
    },
    list: async () => {
      const known = await redis.smembers(names);
      if (known.length === 0) return [];
      const found = await redis.mget(known.map(keyFor));
      const living: WorkerRecord[] = [];
      for (const [place, name] of known.entries()) {
        const text = found[place];
        if (typeof text === 'string') living.push(parse<WorkerRecord>(text));
        else await gone(name);
      }
      return living.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
  };
}
