import {
  DelayedError,
  ErrorCode,
  UnrecoverableError,
  WaitingChildrenError,
  WaitingError,
  type Job,
  type Processor,
} from 'bullmq';
import { asRedisFault } from '@milvault/catalog';
import { isStopped, type Run } from '@milvault/shared';
import { mayRetry, needsNewPlan, recordOf } from '../policy.ts';
import { limitMsOf, msLeft } from '../time-limit.ts';
import { contextOf, runLogger } from './context.ts';
import { abandonPlan, afterEnd, leaveNothing } from './end.ts';
import type { House } from './house.ts';
import type { RunData } from './names.ts';
import { createCounter } from './progress.ts';
import { idOf, RunDoomed } from './run-parts.ts';
import { takeTurn, waitForParts, type RunTurn } from './run-steps.ts';
import { createRecord } from './start.ts';
import type { Underway } from './underway.ts';

/** What stays in BullMQ of a good run; the rest is in its record. */
interface RunDone {
  readonly state: string;
}

/** Three plain parameters: BullMQ gives the signal only to a processor that declares it. */
export function createRunProcessor(house: House, underway: Underway): Processor<RunData, RunDone> {
  return async function processRun(job: Job<RunData>, token?: string, signal?: AbortSignal): Promise<RunDone> {
    const id = idOf(job);
    await createRecord(house, id, job.data);
    const run = await house.catalog.runs.get(id);
    // A turn after the end: the process died between the two notes of it.
    if (run.endedAt !== null) return settled(house, run);
    const place = underway.enter(id, signal);
    place.endAfter(msLeft(limitMsOf(house.config, run.plan), run, house.clock.now()));
    const counter = createCounter(house, id, 'run');
    const logger = runLogger(house, id);
    const context = contextOf(house, { id, signal: place.signal, logger }, counter.onProgress);
    const turn = { house, job, token: token ?? '', definition: house.jobs[run.kind], context, run };
    try {
      const outcome = await takeTurn(turn);
      await counter.settle(false);
      const ended = await house.catalog.runs.end(id, { state: 'succeeded', result: outcome });
      return await settled(house, ended.run);
    } catch (thrown) {
      throw await answerTo(turn, thrown);
    } finally {
      place.leave();
    }
  };
}

/** What follows an end may be repeated: each piece of it knows whether it was done. */
async function settled(house: House, run: Run): Promise<RunDone> {
  await afterEnd(house, run);
  if (run.state === 'failed' || run.state === 'cancelled') {
    throw new UnrecoverableError(run.error?.message ?? run.state);
  }
  return { state: run.state };
}

const WAITS = [DelayedError, WaitingError, WaitingChildrenError, UnrecoverableError];

/** BullMQ marks its errors by a code. */
const isLockLost = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  'code' in thrown &&
  (thrown.code === ErrorCode.JobLockNotExist || thrown.code === ErrorCode.JobLockMismatch);

/** What BullMQ has to be told: wait, come again, or the end. */
async function answerTo(turn: RunTurn, thrown: unknown): Promise<unknown> {
  const { house, job, token, context } = turn;
  if (WAITS.some((kind) => thrown instanceof kind)) return thrown;
  // Redis was away for longer than a lock lasts: whoever takes the job next goes on with it.
  if (isLockLost(thrown)) return thrown;
  const stop: unknown = context.signal.aborted ? context.signal.reason : thrown;
  if (isStopped(stop)) {
    // This process no longer owns the job, and must not touch it.
    if (stop.reason === 'lease-lost') return stop;
    if (stop.reason === 'handover') {
      await job.moveToWait(token);
      return new WaitingError();
    }
  }
  try {
    return await endOrRetry(turn, isStopped(stop) ? stop : asRedisFault(house.config.redis, thrown));
  } catch (next) {
    // Parts still run: the same is decided again when they have stopped.
    return next;
  }
}

async function endOrRetry(turn: RunTurn, thrown: unknown): Promise<unknown> {
  const { house, job, context, run } = turn;
  const again = !isStopped(thrown) && job.attemptsMade + 1 < (job.opts.attempts ?? 1);
  if (again && needsNewPlan(thrown)) {
    context.logger.warn({ err: thrown }, 'The run starts again with a new plan');
    await stopParts(turn);
    // Where it fails the plan stays, and with it the knowledge of what is left: the next turn comes here again.
    await abandonPlan(turn);
    await house.catalog.work.drop(run.id);
    return thrown;
  }
  if (again && mayRetry(thrown)) {
    context.logger.warn({ err: thrown }, 'The run is tried again');
    return thrown;
  }
  return end(turn, thrown);
}

async function end(turn: RunTurn, thrown: unknown): Promise<unknown> {
  const { house, context, run } = turn;
  const { runs, work } = house.catalog;
  const cancelled = isStopped(thrown) && thrown.reason === 'cancelled';
  const error = thrown instanceof RunDoomed ? thrown.record : recordOf(thrown, limitMsOf(house.config, run.plan));
  // Noted before the waiting, so that the turn after it goes on here.
  if (!cancelled) await work.doom(run.id, error);
  await stopParts(turn);
  const clean = await leaveNothing(turn);
  if (cancelled) context.logger.warn('The run was cancelled');
  else context.logger.error({ err: thrown }, `The run failed: ${error.message}`);
  const ended = await runs.end(run.id, { state: cancelled ? 'cancelled' : 'failed', error });
  await afterEnd(house, ended.run);
  if (clean) await work.forget(run.id);
  return new UnrecoverableError(error.message);
}

/** Removes the parts that wait; those that run see that their run stops. Comes back when none runs any more. */
async function stopParts(turn: RunTurn): Promise<void> {
  await turn.job.removeUnprocessedChildren();
  await waitForParts(turn);
}
