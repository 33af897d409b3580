import { DelayedError, WaitingChildrenError, type Job } from 'bullmq';
import { Stopped, type Run } from '@milvault/shared';
import { randomInt } from 'node:crypto';
import type { AnyJob, JobContext } from '../port.ts';
import type { House } from './house.ts';
import type { RunData } from './names.ts';
import { addMissingParts, idOf, judgeParts, partResults, RunDoomed } from './run-parts.ts';

/** One pick-up of a run's job by a worker. */
export interface RunTurn {
  readonly house: House;
  readonly job: Job<RunData>;
  readonly token: string;
  readonly definition: AnyJob;
  readonly context: JobContext;
  readonly run: Run;
}

/**
 * As far as the run can go now. What was done in an earlier turn is found in the catalog and not done again. Gives the
 * outcome; throws what BullMQ takes as "not now" where the run has to wait.
 */
export async function takeTurn(turn: RunTurn): Promise<object> {
  const { house, job, definition, context, run } = turn;
  const { runs, work } = house.catalog;
  if (await work.cancelRequested(run.id)) throw new Stopped('cancelled');
  const doom = await work.doomOf(run.id);
  if (doom !== null) throw new RunDoomed(doom);
  context.signal.throwIfAborted();
  let plan = await work.plan(run.id);
  if (plan === null) {
    await takeLeases(turn);
    await runs.begin(run.id, job.attemptsMade + 1);
    await runs.phase(run.id, 'plan');
    plan = await work.keep(run.id, await definition.plan(job.data.payload, context));
    context.signal.throwIfAborted();
  } else {
    await runs.begin(run.id, job.attemptsMade + 1);
  }
  if (!plan.begun) {
    const state = definition.begin === undefined ? plan.state : await definition.begin(plan.state, context);
    const begun = await work.setBegun(run.id, plan.generation, state);
    // Another process made a new plan: it owns the run.
    if (begun === null) throw new Stopped('lease-lost');
    plan = begun;
  }
  if (plan.parts > 0) {
    await runs.phase(run.id, 'parts');
    await addMissingParts(house, job, plan, context.signal);
    await waitForParts(turn);
    if ((await judgeParts(house, job, plan)) === 'again') {
      context.logger.warn('Parts failed and are tried once more');
      await waitForParts(turn);
    }
  }
  await runs.phase(run.id, 'finish');
  const parts = await work.parts(run.id, plan.generation);
  const results = await partResults(job, plan);
  return definition.finish(job.data.payload, { state: plan.state, parts }, results, context);
}

/** Gives the worker's place free until no part waits or runs. */
export async function waitForParts({ job, token }: Pick<RunTurn, 'job' | 'token'>): Promise<void> {
  if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
}

/** A run that must wait for another one is put aside: it holds no place and uses up no attempt. */
async function takeLeases({ house, job, token, definition, context, run }: RunTurn): Promise<void> {
  const names = (await definition.leases?.(job.data.payload, context)) ?? [];
  const holder = await house.catalog.leases.take(names, idOf(job));
  if (holder === null) return;
  await house.catalog.runs.phase(run.id, `waits for run ${holder}`);
  const { leasePollMs } = house.tuning;
  await job.moveToDelayed(house.clock.now() + leasePollMs + randomInt(Math.max(1, leasePollMs)), token);
  throw new DelayedError();
}
