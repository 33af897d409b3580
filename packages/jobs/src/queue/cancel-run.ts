import type { Job } from 'bullmq';
import type { Run } from '@milvault/shared';
import { requestCancel } from './cancel.ts';
import { endCancelled } from './end.ts';
import type { House } from './house.ts';
import { QUEUE_OF } from './names.ts';

/**
 * Brings a run to its end as cancelled. One that nobody has begun ends here; any other ends itself at its next turn,
 * which is made to come now.
 */
export async function cancelRun(house: House, run: Run): Promise<void> {
  await requestCancel(house, run.id);
  const job: Job | undefined = await house.queues[QUEUE_OF[run.kind]].getJob(run.id);
  if (job === undefined) return endCancelled(house, run.id);
  const begun = (await house.catalog.work.plan(run.id)) !== null || run.startedAt !== null;
  const state = await job.getState();
  if (!begun && (state === 'waiting' || state === 'delayed')) {
    // A worker that takes it in this very moment holds its lock, and then it ends itself.
    if (await tried(() => job.remove())) return endCancelled(house, run.id);
  } else if (state === 'waiting-children') {
    await job.removeUnprocessedChildren();
  } else if (state === 'delayed') {
    await tried(() => job.promote());
  }
}

/** False where the job was in another state by then: BullMQ says so by an error, whatever the change. */
async function tried(change: () => Promise<void>): Promise<boolean> {
  try {
    await change();
    return true;
  } catch {
    return false;
  }
}
