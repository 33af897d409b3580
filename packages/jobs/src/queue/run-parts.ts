import type { Job } from 'bullmq';
import type { StoredPlan } from '@milvault/catalog';
import { fail, fromErrorRecord, toErrorRecord, type ErrorRecord } from '@milvault/shared';
import { needsNewPlan, partFailure } from '../policy.ts';
import type { House } from './house.ts';
import { partJobId, partOfKey, type PartData, type RunData } from './names.ts';

/** Jobs in one command: more would hold up Redis and everybody else on it. */
const MOST_AT_ONCE = 2_000;

/**
 * Adds the jobs of those parts that were never added. A part that is known in any state is left alone: a job that is
 * added to its parent twice, after it failed, would keep the parent waiting for ever.
 */
export async function addMissingParts(
  house: House,
  job: Job<RunData>,
  plan: StoredPlan,
  signal: AbortSignal,
): Promise<void> {
  const { processed, unprocessed, ignored, failed } = await job.getDependencies();
  const keys = [
    ...Object.keys(processed ?? {}),
    ...Object.keys(ignored ?? {}),
    ...(unprocessed ?? []),
    ...(failed ?? []),
  ];
  const known = new Set(
    keys.map(partOfKey).flatMap((part) => (part?.generation === plan.generation ? part.number : [])),
  );
  const missing = Array.from({ length: plan.parts }, (_, number) => number).filter((number) => !known.has(number));
  const run = idOf(job);
  for (let from = 0; from < missing.length; from += MOST_AT_ONCE) {
    signal.throwIfAborted();
    const batch = missing.slice(from, from + MOST_AT_ONCE).map((number) => {
      const data: PartData = { run, generation: plan.generation, number };
      const parent = { id: run, queue: job.queueQualifiedName };
      return { name: 'part', data, opts: { jobId: partJobId(data), parent, ignoreDependencyOnFailure: true } };
    });
    await house.queues.parts.addBulk(batch);
  }
}

/**
 * What became of the parts, once none waits or runs: nothing where all did well. Failed ones get a second chance, once;
 * `again` says that they wait now. Throws the failure of the run where parts are lost.
 */
export async function judgeParts(house: House, job: Job<RunData>, plan: StoredPlan): Promise<'done' | 'again'> {
  const { work } = house.catalog;
  const run = idOf(job);
  const lost = await failedParts(house, job, plan);
  if (lost.length === 0) return 'done';
  const stale = lost.map(({ error }) => fromErrorRecord(error)).find(needsNewPlan);
  if (stale !== undefined) throw stale;
  if (plan.forgiven || !lost.every(({ error }) => error.retryable)) throw new RunDoomed(partFailure(lost));
  for (const { number } of lost) {
    const part = await house.queues.parts.getJob(partJobId({ run, generation: plan.generation, number }));
    if (part === undefined) throw new RunDoomed(partFailure(lost));
    await work.dropFailure(run, plan.generation, number);
    // The count of starts stays: it tells a part that it is not the first try.
    await part.retry('failed', { resetAttemptsMade: true });
  }
  await work.setForgiven(run);
  return 'again';
}

/** Everything was tried as often as it may be: the run has failed, and what follows is only its end. */
export class RunDoomed extends Error {
  readonly record: ErrorRecord;
  constructor(record: ErrorRecord) {
    super(record.message);
    this.record = record;
  }
}

async function failedParts(
  house: House,
  job: Job<RunData>,
  { generation }: StoredPlan,
): Promise<{ number: number; error: ErrorRecord }[]> {
  const [ignored, noted] = await Promise.all([
    job.getIgnoredChildrenFailures(),
    house.catalog.work.failures(idOf(job), generation),
  ]);
  const lost = Object.entries(ignored).flatMap(([key, reason]) => {
    const part = partOfKey(key);
    if (part?.generation !== generation) return [];
    const error = noted.find((one) => one.number === part.number)?.error ?? givenUp(part.number, reason);
    return [{ number: part.number, error }];
  });
  // A stop that followed from another part's failure says nothing by itself.
  const telling = lost.filter(({ error }) => error.code !== 'PART_FAILED');
  return (telling.length > 0 ? telling : lost).sort((a, b) => a.number - b.number);
}

/** A part without a word of its own: its workers died. */
const givenUp = (number: number, reason: string): ErrorRecord => ({
  ...toErrorRecord(fail('PART_FAILED', { what: `Part ${String(number)} was given up: ${reason}` })),
  retryable: true,
});

/** What each part left behind, in the order of the parts. */
export async function partResults(job: Job<RunData>, plan: StoredPlan): Promise<unknown[]> {
  const results: unknown[] = [];
  let found = 0;
  for (const [key, value] of Object.entries(await job.getChildrenValues<unknown>())) {
    const part = partOfKey(key);
    if (part?.generation !== plan.generation) continue;
    results[part.number] = value;
    found += 1;
  }
  if (found === plan.parts) return results;
  throw new RunDoomed(
    toErrorRecord(
      fail('PART_FAILED', {
        what: 'Not every part left a result',
        expected: `${String(plan.parts)} results`,
        got: String(found),
        next: 'Run again; if it stays, look who removes jobs from the queue',
      }),
    ),
  );
}

export function idOf(job: Pick<Job, 'id'>): string {
  if (job.id === undefined) throw new TypeError('a job without an id');
  return job.id;
}
