import { fail, type ErrorRecord, type Run, type RunKind, type RunState } from '@milvault/shared';
import type { EventLog } from './events.ts';
import { createRunIndex, type RunFilter } from './run-index.ts';
import { endOf, fromHash, toHash } from './run-record.ts';
import { CHANGE, CREATE, END } from './run-scripts.ts';
import { KEPT_MS, keyOf, script, type Store } from './store.ts';

export type RunStart = Pick<Run, 'id' | 'kind' | 'plan' | 'trigger' | 'request' | 'queuedAt'>;
export type EndState = Extract<RunState, 'succeeded' | 'failed' | 'cancelled' | 'skipped'>;

export interface RunEnd {
  readonly state: EndState;
  readonly result?: object;
  readonly error?: ErrorRecord;
}

/** The record of every run. A run that has ended never changes again. */
export interface Runs {
  /** Makes the record where there is none. Gives whether it was made. */
  create(start: RunStart): Promise<boolean>;
  /** RUN_NOT_FOUND. */
  get(id: string): Promise<Run>;
  find(id: string): Promise<Run | null>;
  /** Newest first. */
  list(filter: RunFilter): Promise<{ runs: Run[]; total: number }>;
  /** Ids of runs that have not ended. */
  open(kind?: RunKind): Promise<string[]>;
  begin(id: string, attempt: number): Promise<void>;
  /** Nothing happens to a run that has ended. */
  phase(id: string, phase: string): Promise<void>;
  /** Gives the run as it ended: by this call or, where it had ended before, by that one. */
  end(id: string, end: RunEnd): Promise<{ run: Run; byThis: boolean }>;
}

export function createRuns(store: Store, events: EventLog): Runs {
  const { redis, clock } = store;
  const key = (id: string): string => keyOf(store, 'run', id);
  const index = createRunIndex(store);

  const find = async (id: string): Promise<Run | null> => fromHash(id, await redis.hgetall(key(id)));
  const get = async (id: string): Promise<Run> => {
    const run = await find(id);
    if (run === null) throw fail('RUN_NOT_FOUND', { what: `There is no run ${JSON.stringify(id)}` });
    return run;
  };
  const changed = (run: Pick<Run, 'id' | 'kind' | 'state'>): Promise<void> =>
    events.emit('run.changed', { run: run.id, kind: run.kind, state: run.state });
  /** Writes fields of a run that goes on; gives whether it did. */
  const change = async (id: string, fields: Record<string, string | number>): Promise<boolean> =>
    (await script(redis, CHANGE, [key(id)], [KEPT_MS, ...Object.entries(fields).flat()])) === 1;

  return {
    find,
    get,
    list: async (filter) => {
      const { ids, total } = await index.page(filter);
      const runs = await Promise.all(ids.map(find));
      return { runs: runs.filter((run) => run !== null), total };
    },
    open: (kind) => index.open(kind),
    create: async (start) => {
      const made = await script(redis, CREATE, [key(start.id)], [KEPT_MS, ...toHash(start)]);
      // Also where it was there: a process may have died between the two.
      await index.add(start);
      await index.place(start);
      if (made !== 1) return false;
      await changed({ ...start, state: 'queued' });
      return true;
    },
    begin: async (id, attempt) => {
      const run = await get(id);
      const startedAt = run.startedAt ?? clock.now();
      if (!(await change(id, { state: 'running', attempts: attempt, startedAt }))) return;
      await index.place(run);
      await changed({ ...run, state: 'running' });
    },
    phase: async (id, phase) => {
      if (!(await change(id, { phase }))) return;
      const run = await find(id);
      if (run !== null) await changed(run);
    },
    end: async (id, end) => {
      // RUN_NOT_FOUND before anything is written.
      await get(id);
      const byThis = (await script(redis, END, [key(id)], [KEPT_MS, ...endOf(end, clock.now())])) === 1;
      const run = await get(id);
      await index.place(run);
      if (byThis) await changed(run);
      return { run, byThis };
    },
  };
}
