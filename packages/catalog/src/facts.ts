import { keyOf, parse, type Store } from './store.ts';

/** The latest that is known of something, by name: positions of listeners, results of checks. Plain JSON. */
export interface Facts {
  set(name: string, value: unknown): Promise<void>;
  get<T>(name: string): Promise<T | null>;
}

export function createFacts(store: Store): Facts {
  const key = keyOf(store, 'facts');
  return {
    set: async (name, value) => {
      await store.redis.hset(key, name, JSON.stringify(value));
    },
    get: async <T>(name: string) => {
      const text = await store.redis.hget(key, name);
      return text === null ? null : parse<T>(text);
    },
  };
}
