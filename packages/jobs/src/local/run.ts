import { randomInt } from 'node:crypto';
import { fromErrorRecord, newId, toErrorRecord } from '@milvault/shared';
import type { AnyJob, JobContext } from '../port.ts';
import { backoffMs, mayRetry, needsNewPlan, partFailure } from '../policy.ts';
import { withSignal } from '../stoppable.ts';
import type { Tuning } from '../tuning.ts';
import { pooled } from './pooled.ts';

/** What a run tells while it goes on. */
export interface RunObserver {
  readonly attempt: (number: number) => void;
  readonly phase: (phase: string) => void;
  readonly planned: (plan: {
    readonly state: unknown;
    readonly parts: readonly unknown[];
    readonly rowsTotal: number;
  }) => void;
  /** A try at a part begins: what earlier tries had counted is void. Gives the way to count. */
  readonly partBegun: (number: number) => JobContext['onProgress'];
  readonly partDone: (number: number) => void;
}

export interface LocalRun {
  readonly job: AnyJob;
  readonly payload: unknown;
  readonly context: JobContext;
  readonly tuning: Tuning;
  readonly observer: RunObserver;
}

/**
 * A job from its plan to its end, in this process: what `queue/` does over Redis. Errors that may go away are tried
 * again; after one that stays, or a stop, the job leaves nothing behind and the error is thrown.
 */
export async function runLocally(run: LocalRun): Promise<object> {
  const { context, tuning, observer } = run;
  for (let attempt = 1; ; attempt++) {
    observer.attempt(attempt);
    try {
      return await fromPlanToEnd(run);
    } catch (thrown) {
      context.signal.throwIfAborted();
      if (attempt >= tuning.attempts || !needsNewPlan(thrown)) throw thrown;
      context.logger.warn({ err: thrown }, 'The run starts again with a new plan');
      await pause(run, attempt);
    }
  }
}

async function fromPlanToEnd(run: LocalRun): Promise<object> {
  const { job, payload, context, observer } = run;
  let state: unknown = null;
  try {
    observer.phase('plan');
    // Once: somebody waits, and wants to know at once that there is nothing at the address.
    const plan = await job.plan(payload, context);
    state = plan.state;
    observer.planned(plan);
    const { parts } = plan;
    const begun = await tried(run, 'The beginning', async () => job.begin?.(plan.state, context) ?? plan.state);
    state = begun;
    const results = await doParts(run, begun, parts);
    observer.phase('finish');
    return await tried(run, 'The end of the run', () => job.finish(payload, { state: begun, parts }, results, context));
  } catch (thrown) {
    await abandon(run, state);
    throw thrown;
  }
}

/** The clean-up after a failure must not hide the failure, and must go on although the run was stopped. */
async function abandon({ job, payload, context }: LocalRun, state: unknown): Promise<void> {
  try {
    await job.abandon(payload, state, withSignal(context, new AbortController().signal));
  } catch (thrown) {
    context.logger.error({ err: thrown }, 'What the run left behind could not be removed; the next clean-up will');
  }
}

async function doParts(run: LocalRun, state: unknown, parts: readonly unknown[]): Promise<unknown[]> {
  const { context, tuning, observer } = run;
  if (parts.length > 0) observer.phase('parts');
  const doom = new AbortController();
  const within = { ...run, context: withSignal(context, AbortSignal.any([context.signal, doom.signal])) };
  return pooled(parts, tuning.partConcurrency, async (part, number) => {
    try {
      return await doPart(within, state, part, number);
    } catch (thrown) {
      context.signal.throwIfAborted();
      // The others stop at once; what they throw then is only the echo of the first error.
      if (doom.signal.aborted) throw thrown;
      const failure = fromErrorRecord(partFailure([{ number, error: toErrorRecord(thrown) }]));
      doom.abort(failure);
      throw failure;
    }
  });
}

async function doPart(run: LocalRun, state: unknown, part: unknown, number: number): Promise<unknown> {
  const { job, context, observer } = run;
  const result = await tried(run, `Part ${String(number)}`, (tries) => {
    const attempt = { fence: `${String(tries)}-${newId(context.clock)}`, first: tries === 1 };
    return job.part(state, part, attempt, { ...context, onProgress: observer.partBegun(number) });
  });
  observer.partDone(number);
  return result;
}

/** Errors that may go away are tried again, with growing pauses. */
async function tried<Result>(run: LocalRun, what: string, step: (tries: number) => Promise<Result>): Promise<Result> {
  const { context, tuning } = run;
  for (let tries = 1; ; tries++) {
    context.signal.throwIfAborted();
    try {
      return await step(tries);
    } catch (thrown) {
      context.signal.throwIfAborted();
      if (tries >= tuning.attempts || !mayRetry(thrown) || needsNewPlan(thrown)) throw thrown;
      context.logger.warn({ err: thrown }, `${what} is tried again`);
      await pause(run, tries);
    }
  }
}

const pause = ({ context, tuning }: LocalRun, tries: number): Promise<void> =>
  context.clock.sleep(backoffMs(tuning.backoffMs, tries, randomInt(1_000) / 1_000), context.signal);
