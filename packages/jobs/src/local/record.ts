import type { ErrorRecord, Progress, Run, RunState } from '@milvault/shared';
import type { RunObserver } from './run.ts';

/** The record of one run in this process, and those who wait for it. */
export interface RunBook {
  readonly id: string;
  run(): Run;
  /** What the plan left behind; null before. */
  state(): unknown;
  readonly logs: string[];
  readonly observer: RunObserver;
  count(done: { rows?: number; bytes?: number }): void;
  phase(phase: string): void;
  begin(at: number): void;
  end(state: RunState, at: number, came: { result?: Record<string, unknown>; error?: ErrorRecord }): void;
  /** Called at each change. Returns the way to stop it. */
  watch(changed: () => void): () => void;
}

type Start = Pick<Run, 'id' | 'kind' | 'plan' | 'trigger' | 'request' | 'queuedAt'>;

export const NO_PROGRESS: Progress = { phase: 'queued', partsDone: 0, partsTotal: 0, rows: 0, rowsTotal: 0, bytes: 0 };

export function createRunBook(start: Start): RunBook {
  let run: Run = {
    ...start,
    state: 'queued',
    progress: NO_PROGRESS,
    attempts: 0,
    startedAt: null,
    endedAt: null,
    result: null,
    error: null,
  };
  let state: unknown = null;
  const watchers = new Set<() => void>();
  const parts = new Map<number, { rows: number; bytes: number }>();
  const change = (changes: Partial<Run>): void => {
    run = { ...run, ...changes };
    for (const changed of watchers) changed();
  };
  const progress = (changes: Partial<Progress>): void => change({ progress: { ...run.progress, ...changes } });
  const own = { rows: 0, bytes: 0 };
  const summed = (): void => {
    const all = [own, ...parts.values()];
    progress({ rows: sum(all, (one) => one.rows), bytes: sum(all, (one) => one.bytes) });
  };
  const adder =
    (counted: { rows: number; bytes: number }) =>
    (done: { rows?: number; bytes?: number; phase?: string }): void => {
      counted.rows += done.rows ?? 0;
      counted.bytes += done.bytes ?? 0;
      summed();
    };
  return {
    id: start.id,
    run: () => run,
    state: () => state,
    logs: [],
    observer: {
      attempt: (attempts) => {
        parts.clear();
        own.rows = own.bytes = 0;
        change({ attempts, progress: NO_PROGRESS });
      },
      phase: (phase) => progress({ phase }),
      planned: (plan) => {
        state = plan.state;
        progress({ partsTotal: plan.parts.length, partsDone: 0, rowsTotal: plan.rowsTotal });
      },
      partBegun: (number) => {
        const counted = { rows: 0, bytes: 0 };
        parts.set(number, counted);
        return adder(counted);
      },
      partDone: () => progress({ partsDone: run.progress.partsDone + 1 }),
    },
    count: adder(own),
    phase: (phase) => progress({ phase }),
    begin: (startedAt) => change({ state: 'running', startedAt }),
    end: (state, endedAt, { result, error }) =>
      change({ state, endedAt, result: result ?? null, error: error ?? null }),
    watch: (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
  };
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
