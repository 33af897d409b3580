import { DelayedError, type Job } from 'bullmq';
import type { House } from './house.ts';
import { contextOf } from './context.ts';
import { QUEUE_OF, type AbandonData, type PartData } from './names.ts';

/**
 * Removes what a run left behind that could not do so itself: its workers died too often, or the repository was away.
 * Waits until no part of it runs any more.
 */
export async function processAbandon(
  house: House,
  job: Job<AbandonData>,
  token: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly state: string }> {
  const id = job.data.run;
  const { runs, work } = house.catalog;
  const run = await runs.find(id);
  if (run === null) return { state: 'nothing is known of the run' };
  await (await house.queues[QUEUE_OF[run.kind]].getJob(id))?.removeUnprocessedChildren();
  const active = (await house.queues.parts.getActive()) as Job<PartData>[];
  if (active.some((part) => part.data.run === id)) {
    await job.moveToDelayed(house.clock.now() + house.tuning.leasePollMs, token);
    throw new DelayedError();
  }
  const plan = await work.plan(id);
  const context = contextOf(house, { id, signal: signal ?? new AbortController().signal }, () => undefined);
  await house.jobs[run.kind].abandon(run.request, plan?.state ?? null, context);
  await work.forget(id);
  return { state: 'removed' };
}
