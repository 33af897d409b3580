import { fail, toErrorRecord, type Backup, type Run } from '@milvault/shared';
import type { JobContext, AnyJob } from '../port.ts';
import { withSignal } from '../stoppable.ts';
import type { House } from './house.ts';
import { ABANDON, type AbandonData } from './names.ts';
import { startRun } from './start.ts';
import { tellSucceeded } from './telling.ts';

interface Left {
  readonly house: House;
  readonly definition: AnyJob;
  readonly context: JobContext;
  readonly run: Run;
  readonly job: { readonly data: { readonly payload: unknown } };
}

/** Removes what the run has made by its plan, although it was stopped. */
export async function abandonPlan({ house, definition, context, run, job }: Left): Promise<void> {
  const plan = await house.catalog.work.plan(run.id);
  const unstopped = withSignal(context, new AbortController().signal);
  await definition.abandon(job.data.payload, plan?.state ?? null, unstopped);
}

/**
 * The clean-up of a run that did not end well. Its own failure must not hide why the run ended: it is tried later.
 * Gives whether it is done.
 */
export async function leaveNothing(left: Left): Promise<boolean> {
  try {
    await abandonPlan(left);
    return true;
  } catch (err) {
    left.context.logger.error({ err }, 'What the run left behind could not be removed now; it is tried again');
    await abandonLater(left.house, left.run.id);
    return false;
  }
}

export async function abandonLater(house: House, run: string): Promise<void> {
  const data: AbandonData = { run };
  await house.queues.cleanup.add(ABANDON, data, { jobId: `${ABANDON}-${run}`, attempts: 10 });
}

/**
 * What follows the end of a run: its leases are free, people are told, the next runs start. May be repeated. Failures
 * are told by those who listen to the queue, because some of them no worker sees.
 */
export async function afterEnd(house: House, run: Run): Promise<void> {
  const { catalog } = house;
  await catalog.leases.release(run.id);
  await catalog.facts.set(`last/${run.kind}/${run.plan ?? ''}`, { run: run.id, state: run.state, at: run.endedAt });
  if (run.state !== 'succeeded') return;
  if (run.kind === 'backup') await tellCommitted(house, run);
  if (run.kind === 'health') await catalog.facts.set('health', run.result);
  await tellSucceeded(house, run);
  await startNext(house, run);
  await catalog.work.forget(run.id);
}

/** Ends a run as cancelled that nobody has begun. */
export async function endCancelled(house: House, id: string): Promise<void> {
  const error = toErrorRecord(fail('RUN_CANCELLED'));
  const { run } = await house.catalog.runs.end(id, { state: 'cancelled', error });
  await afterEnd(house, run);
}

async function tellCommitted(house: House, run: Run): Promise<void> {
  // The outcome of the job `backup`; a job of another make (in tests) has none, and nothing is told.
  const { id, name } = (run.result ?? {}) as Partial<Backup>;
  if (id === undefined || name === undefined) return;
  const repository = String(run.request['repository'] ?? '');
  await house.catalog.events.emit('backup.committed', { backup: id, name, repository });
}

async function startNext(house: House, run: Run): Promise<void> {
  const next = house.jobs[run.kind].next?.(run.request, run.result ?? {}) ?? [];
  for (const [number, follow] of next.entries()) {
    const options = { trigger: `run:${run.id}`, plan: run.plan, runId: `${run.id}_next${String(number)}` };
    // An equal run that goes on already does what was wanted.
    await startRun(house, follow.kind, follow.payload, options);
  }
}
