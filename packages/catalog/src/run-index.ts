import type { Run, RunKind, RunState } from '@milvault/shared';
import { KEPT_MS, keyOf, script, type Store } from './store.ts';

export interface RunFilter {
  readonly kind?: RunKind;
  readonly state?: RunState;
  readonly plan?: string;
  readonly limit: number;
  readonly offset: number;
}

type Indexed = Pick<Run, 'id' | 'kind' | 'plan' | 'queuedAt'>;

/** Ids of runs by kind, state and plan, each a sorted set by the time of queueing. */
export interface RunIndex {
  /** Fine to repeat. */
  add(run: Indexed): Promise<void>;
  /** Lists the run under the state that its record has now. */
  place(run: Pick<Indexed, 'id' | 'queuedAt'>): Promise<void>;
  page(filter: RunFilter): Promise<{ ids: string[]; total: number }>;
  open(kind?: RunKind): Promise<string[]>;
}

const STATES: readonly RunState[] = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped'];

/** KEYS[1] the run's hash, then the set of each state. In one step with reading the state, or two changes could cross. */
const PLACE = `
local now = redis.call('HGET', KEYS[1], 'state')
for i = 2, #KEYS do
  if ARGV[i + 1] == now then redis.call('ZADD', KEYS[i], ARGV[2], ARGV[1])
  else redis.call('ZREM', KEYS[i], ARGV[1]) end
end
return 1`;

export function createRunIndex(store: Store): RunIndex {
  const { redis, clock } = store;
  const all = keyOf(store, 'runs');
  const byState = (state: RunState): string => keyOf(store, 'runs', 'state', state);
  const byKind = (kind: RunKind): string => keyOf(store, 'runs', 'kind', kind);
  const byPlan = (plan: string): string => keyOf(store, 'runs', 'plan', plan);
  const setsOf = ({ kind, plan }: Indexed): string[] => [all, byKind(kind), ...(plan === null ? [] : [byPlan(plan)])];

  return {
    add: async (run) => {
      const gone = clock.now() - KEPT_MS;
      const step = redis.multi();
      for (const set of setsOf(run)) step.zadd(set, 'NX', run.queuedAt, run.id).zremrangebyscore(set, '-inf', gone);
      for (const state of STATES) step.zremrangebyscore(byState(state), '-inf', gone);
      await step.exec();
    },
    place: async ({ id, queuedAt }) => {
      await script(redis, PLACE, [keyOf(store, 'run', id), ...STATES.map(byState)], [id, queuedAt, ...STATES]);
    },
    page: async ({ kind, state, plan, limit, offset }) => {
      const sets = [
        ...(kind === undefined ? [] : [byKind(kind)]),
        ...(state === undefined ? [] : [byState(state)]),
        ...(plan === undefined ? [] : [byPlan(plan)]),
      ];
      const [only = all, ...others] = sets;
      if (others.length === 0) {
        const [ids, total] = await Promise.all([
          limit === 0 ? [] : redis.zrevrange(only, String(offset), String(offset + limit - 1)),
          redis.zcard(only),
        ]);
        return { ids, total };
      }
      // Some thousands of ids at most: cut here, because Redis 6.2 cuts no intersection.
      const ids = (await redis.zinter(sets.length, ...sets, 'AGGREGATE', 'MIN')).reverse();
      return { ids: ids.slice(offset, offset + limit), total: ids.length };
    },
    open: async (kind) => {
      const states = await Promise.all([
        redis.zrange(byState('queued'), '0', '-1'),
        redis.zrange(byState('running'), '0', '-1'),
      ]);
      const ids = states.flat();
      if (kind === undefined) return ids;
      const wanted = new Set(await redis.zrange(byKind(kind), '0', '-1'));
      return ids.filter((id) => wanted.has(id));
    },
  };
}
