import { newId, type RunKind } from '@milvault/shared';
import type { JobPayloads, StartOptions } from '../port.ts';
import { publicRequest, refuseCredentials, requestKey } from '../requests.ts';
import type { House } from './house.ts';
import { QUEUE_OF, type RunData } from './names.ts';

/** The trigger of runs that a schedule started. */
export const SCHEDULED = 'schedule';

export type Started = { readonly run: string } | { readonly underWay: string };

/**
 * Queues a run. The job comes first and the record second: a job makes its record itself where this process dies in
 * between, and a record without a job would wait for ever.
 */
export async function startRun<K extends RunKind>(
  house: House,
  kind: K,
  payload: JobPayloads[K],
  { trigger, plan, runId }: StartOptions,
): Promise<Started> {
  refuseCredentials(payload);
  const id = runId ?? newId(house.clock);
  const data: RunData = { kind, payload: { ...payload }, plan, trigger, queuedAt: house.clock.now() };
  const queue = house.queues[QUEUE_OF[kind]];
  const job = await queue.add(kind, data, {
    jobId: id,
    deduplication: { id: requestKey(kind, payload) },
    attempts: isByHand(trigger) ? house.tuning.attemptsByHand : house.tuning.attempts,
  });
  // Where an equal run is queued or under way, its id comes back and nothing was added.
  if (job.id !== undefined && job.id !== id) return { underWay: job.id };
  await createRecord(house, id, data);
  return { run: id };
}

/** Schedules and runs wait for nobody; a person does, and wants to know soon. */
const isByHand = (trigger: string): boolean => trigger !== SCHEDULED && !trigger.startsWith('run:');

export const createRecord = (house: House, id: string, data: RunData): Promise<boolean> =>
  house.catalog.runs.create({
    id,
    kind: data.kind,
    plan: data.plan,
    trigger: data.trigger,
    request: publicRequest(data.payload),
    queuedAt: data.queuedAt,
  });
