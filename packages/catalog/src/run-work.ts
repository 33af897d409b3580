import type { ErrorRecord } from '@milvault/shared';
import type { EventLog } from './events.ts';
import { BEGUN, CHANGE, PART } from './run-scripts.ts';
import { KEPT_MS, keyOf, parse, script, type Store } from './store.ts';

/** What a run works on, between its plan and its end: shared by all workers, forgotten when the run ended well. */
export interface RunWork {
  /** Keeps a plan, in place of any older one. */
  keep(id: string, plan: KeptPlan): Promise<StoredPlan>;
  /** The plan without its parts; null before it was kept. */
  plan(id: string): Promise<StoredPlan | null>;
  part(id: string, generation: number, number: number): Promise<unknown>;
  parts(id: string, generation: number): Promise<unknown[]>;
  /** What a part has done so far in this try. Nothing happens to a run that has ended. */
  progress(id: string, part: string, done: { rows: number; bytes: number; finished: boolean }): Promise<void>;
  noteFailure(id: string, generation: number, number: number, error: ErrorRecord): Promise<void>;
  /** A failed part is about to be tried again. */
  dropFailure(id: string, generation: number, number: number): Promise<void>;
  /**
   * From here nothing is made ready again: it may have its final name already. Keeps the state as it is now, and gives
   * the plan: as another process kept it where that came first, null where there is another plan by now.
   */
  setBegun(id: string, generation: number, state: unknown): Promise<StoredPlan | null>;
  /** From here a part that fails is lost. */
  setForgiven(id: string): Promise<void>;
  failures(id: string, generation: number): Promise<{ number: number; error: ErrorRecord }[]>;
  /** The run has failed with this error, and is only being brought to its end. */
  doom(id: string, error: ErrorRecord): Promise<void>;
  doomOf(id: string): Promise<ErrorRecord | null>;
  log(id: string, line: string): Promise<void>;
  logs(id: string): Promise<string[]>;
  /** Asks for the end of the run. */
  requestCancel(id: string): Promise<void>;
  cancelRequested(id: string): Promise<boolean>;
  /** The plan is void, and the next one has another generation. */
  drop(id: string): Promise<void>;
  /** Drops plan, parts and failures. */
  forget(id: string): Promise<void>;
}

export interface StoredPlan {
  /** Rises with each plan that a run makes: what belongs to an older one is void. */
  readonly generation: number;
  readonly state: unknown;
  readonly parts: number;
  /** Whether all is ready for the parts. */
  readonly begun: boolean;
  /** Whether failed parts had their second chance. */
  readonly forgiven: boolean;
}

export interface KeptPlan {
  readonly state: unknown;
  readonly parts: readonly unknown[];
  readonly rowsTotal: number;
}

const LOG_LINES = 1_000;
/** Fields in one command: keeps each below some megabytes. */
const CHUNK = 200;

export function createRunWork(store: Store, events: EventLog): RunWork {
  const { redis } = store;
  const planKey = (id: string): string => keyOf(store, 'plan', id);
  const partsKey = (id: string, generation: number): string => keyOf(store, 'parts', id, String(generation));
  const failedKey = (id: string, generation: number): string => keyOf(store, 'failed', id, String(generation));
  const doneKey = (id: string): string => keyOf(store, 'done', id);
  const logKey = (id: string): string => keyOf(store, 'log', id);
  const doomKey = (id: string): string => keyOf(store, 'doom', id);
  const cancelKey = (id: string): string => keyOf(store, 'cancel', id);
  const readPlan = async (id: string): Promise<StoredPlan | null> => {
    const hash = await redis.hgetall(planKey(id));
    if (hash['state'] === undefined) return null;
    return {
      generation: Number(hash['generation']),
      state: parse<unknown>(hash['state']),
      parts: Number(hash['parts']),
      begun: hash['begun'] === '1',
      forgiven: hash['forgiven'] === '1',
    };
  };
  return {
    plan: readPlan,
    keep: async (id, { state, parts, rowsTotal }) => {
      const generation = await redis.hincrby(planKey(id), 'generation', 1);
      const key = partsKey(id, generation);
      for (let from = 0; from < parts.length; from += CHUNK) {
        const fields = parts.slice(from, from + CHUNK).flatMap((part, i) => [String(from + i), JSON.stringify(part)]);
        await redis.hset(key, ...fields);
      }
      await redis.pexpire(key, KEPT_MS);
      // Last and in one step: a plan that can be read is whole.
      await redis
        .multi()
        .del(doneKey(id))
        .hset(planKey(id), { state: JSON.stringify(state), parts: parts.length, begun: 0, forgiven: 0 })
        .pexpire(planKey(id), KEPT_MS)
        .exec();
      const counters = { partsTotal: parts.length, partsDone: 0, rows: 0, bytes: 0, rowsTotal };
      await script(redis, CHANGE, [keyOf(store, 'run', id)], [KEPT_MS, ...Object.entries(counters).flat()]);
      return { generation, state, parts: parts.length, begun: false, forgiven: false };
    },
    part: async (id, generation, number) => {
      const text = await redis.hget(partsKey(id, generation), String(number));
      return text === null ? null : parse<unknown>(text);
    },
    parts: async (id, generation) => {
      const hash = await redis.hgetall(partsKey(id, generation));
      return Object.entries(hash)
        .sort(([a], [b]) => Number(a) - Number(b))
        .map(([, text]) => parse<unknown>(text));
    },
    progress: async (id, part, { rows, bytes, finished }) => {
      const keys = [keyOf(store, 'run', id), doneKey(id)];
      const counted = await script(redis, PART, keys, [KEPT_MS, part, rows, bytes, finished ? 1 : 0]);
      if (counted !== 1) return;
      const kind = (await redis.hget(keyOf(store, 'run', id), 'kind')) ?? '';
      await events.emit('run.changed', { run: id, kind, state: 'running' });
    },
    noteFailure: async (id, generation, number, error) => {
      const key = failedKey(id, generation);
      await redis.multi().hset(key, String(number), JSON.stringify(error)).pexpire(key, KEPT_MS).exec();
    },
    dropFailure: async (id, generation, number) => {
      await redis.hdel(failedKey(id, generation), String(number));
    },
    setBegun: async (id, generation, state) => {
      await script(redis, BEGUN, [planKey(id)], [KEPT_MS, generation, JSON.stringify(state)]);
      const plan = await readPlan(id);
      return plan?.generation === generation && plan.begun ? plan : null;
    },
    setForgiven: async (id) => {
      await redis.hset(planKey(id), 'forgiven', 1);
    },
    failures: async (id, generation) =>
      Object.entries(await redis.hgetall(failedKey(id, generation)))
        .map(([number, error]) => ({ number: Number(number), error: parse<ErrorRecord>(error) }))
        .sort((a, b) => a.number - b.number),
    doom: async (id, error) => {
      await redis.set(doomKey(id), JSON.stringify(error), 'PX', KEPT_MS);
    },
    doomOf: async (id) => {
      const text = await redis.get(doomKey(id));
      return text === null ? null : parse<ErrorRecord>(text);
    },
    log: async (id, line) => {
      const key = logKey(id);
      await redis.multi().rpush(key, line).ltrim(key, -LOG_LINES, -1).pexpire(key, KEPT_MS).exec();
    },
    logs: (id) => redis.lrange(logKey(id), 0, -1),
    requestCancel: async (id) => {
      await redis.set(cancelKey(id), 1, 'PX', KEPT_MS);
    },
    cancelRequested: async (id) => (await redis.exists(cancelKey(id))) === 1,
    drop: async (id) => {
      await redis.hdel(planKey(id), 'state');
    },
    forget: async (id) => {
      const generations = Number((await redis.hget(planKey(id), 'generation')) ?? 0);
      const keys = [planKey(id), doneKey(id), doomKey(id)];
      for (let generation = 1; generation <= generations; generation++) {
        keys.push(partsKey(id, generation), failedKey(id, generation));
      }
      await redis.del(keys);
    },
  };
}
