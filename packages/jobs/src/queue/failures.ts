import { QueueEvents, type Job } from 'bullmq';
import { fail, toErrorRecord, type Run } from '@milvault/shared';
import { abandonLater, afterEnd, endCancelled } from './end.ts';
import type { House } from './house.ts';
import { ABANDON, type RunData } from './names.ts';
import { requestCancel } from './cancel.ts';
import { createRecord } from './start.ts';
import { reportFinding, tellFailed } from './telling.ts';
import { healthIncident } from '@milvault/alerts';
import { tickFinding } from '../findings.ts';
import type { TickData } from './schedules.ts';

const OF_RUNS = ['runs', 'checks', 'cleanup'] as const;
const WATCHED = [...OF_RUNS, 'ticks'] as const;
type Watched = (typeof WATCHED)[number];

/** How far back a sweep looks. What was told is remembered for much longer, so nothing is told twice. */
const SWEEP_MS = 24 * 3_600_000;
const SWEEP_MOST = 1_000;

/**
 * Hears of every run that failed for good, from where it last listened. Each process that listens hears all; telling
 * twice is prevented where it is told.
 */
export async function listenForFailures(house: House): Promise<{ close(): Promise<void> }> {
  const listening = await Promise.all(WATCHED.map((name) => listenTo(house, name)));
  return {
    close: async () => {
      await Promise.all(listening.map(({ events }) => events.close()));
      for (const { connection } of listening) connection.disconnect();
    },
  };
}

async function listenTo(house: House, name: Watched) {
  const { catalog, logger, prefix } = house;
  const position = `failures/${name}`;
  const lastEventId = (await catalog.facts.get<string>(position)) ?? '0-0';
  const connection = await house.connect('working');
  const events = new QueueEvents(name, { connection, prefix, lastEventId });
  events.on('error', (err) => logger.debug({ err }, 'Listening for failures: connection trouble'));
  events.on('failed', ({ jobId }, eventId) => {
    noteFailed(house, name, jobId)
      .then(() => catalog.facts.set(position, eventId))
      // The sweep finds it again.
      .catch((err: unknown) => logger.warn({ err, job: jobId }, 'A failed run could not be told now'));
  });
  await events.waitUntilReady();
  return { events, connection };
}

/** Finds failures that no listener heard of: nobody listened, or the stream was cut. */
export async function sweepFailures(house: House): Promise<void> {
  const since = house.clock.now() - SWEEP_MS;
  for (const name of WATCHED) {
    for (const job of await house.queues[name].getFailed(0, SWEEP_MOST)) {
      if (job.id !== undefined && (job.finishedOn ?? 0) >= since) await noteFailed(house, name, job.id);
    }
  }
  await findLost(house);
}

async function noteFailed(house: House, name: Watched, jobId: string): Promise<void> {
  if (name === 'ticks') return noteFailedTick(house, jobId);
  const job: Job<RunData> | undefined = await house.queues[name].getJob(jobId);
  if (job === undefined || job.name === ABANDON) return;
  await createRecord(house, jobId, job.data);
  const run = await house.catalog.runs.get(jobId);
  const ended = run.endedAt === null ? await endForIt(house, run, job.failedReason) : run;
  if (ended.state === 'failed') await tellFailed(house, ended);
}

/** A schedule that cannot start its run is silence in the making. */
async function noteFailedTick(house: House, jobId: string): Promise<void> {
  const job: Job<TickData> | undefined = await house.queues.ticks.getJob(jobId);
  if (job === undefined) return;
  const finding = tickFinding(job.data.schedule, job.failedReason);
  // A later tick that went well has ended it already.
  const well = await house.catalog.incidents.lastWell(healthIncident(finding));
  if (well < (job.finishedOn ?? 0)) await reportFinding(house, finding);
}

/** The run could not end itself: its workers died too often. Its parts are stopped, and what it left is removed. */
async function endForIt(house: House, { id }: Run, reason: string): Promise<Run> {
  const error = toErrorRecord(
    fail('INTERNAL', {
      what: `The run was given up: ${reason}`,
      next: 'Look why workers die: memory, restarts, the log around the run',
    }),
  );
  const { run } = await house.catalog.runs.end(id, { state: 'failed', error });
  await requestCancel(house, id);
  await abandonLater(house, id);
  await afterEnd(house, run);
  return run;
}

/** A run is queued before it is recorded, so a record without a job has lost it: somebody removed it from the queue. */
async function findLost(house: House): Promise<void> {
  const { runs, work } = house.catalog;
  for (const id of await runs.open()) {
    const run = await runs.find(id);
    if (run === null || run.endedAt !== null) continue;
    const jobs = await Promise.all(OF_RUNS.map((name) => house.queues[name].getJob(id)));
    if (jobs.some((job) => job !== undefined)) continue;
    // Looked at again after the job: it may have ended and been forgotten in between.
    const now = await runs.find(id);
    if (now === null || now.endedAt !== null) continue;
    // A cancel removes the job first and ends the run then; it may have died in between.
    if (await work.cancelRequested(id)) await endCancelled(house, id);
    else await tellFailed(house, await endForIt(house, now, 'its job vanished'));
  }
}
