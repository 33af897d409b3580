import { Worker, type Job, type Processor } from 'bullmq';
import type { Config } from '@milvault/shared';
import { hostname } from 'node:os';
import { processAbandon } from './abandon-processor.ts';
import { listenForCancels, lookForCancels } from './cancel.ts';
import { openHouse, type House, type QueueOptions } from './house.ts';
import { inTime } from './in-time.ts';
import { startKeeper } from './keeper.ts';
import { ABANDON, QUEUE_NAMES, type AbandonData, type RunData } from './names.ts';
import { createPartProcessor } from './part-processor.ts';
import { createRunProcessor } from './run-processor.ts';
import { createTickProcessor } from './tick-processor.ts';
import { createUnderway, type Underway } from './underway.ts';
import { workerOptions } from './worker-options.ts';

/** A process that takes jobs. */
export interface RunningWorker {
  readonly name: string;
  /**
   * Takes nothing new, hands over what it does to other workers, and ends. What cannot be handed over in time is left
   * to be found as stalled.
   */
  close(): Promise<void>;
}

/** Starts taking jobs, until `close`. REDIS_*. */
export async function startWorker(config: Config, options: QueueOptions = {}): Promise<RunningWorker> {
  const house = await openHouse(config, 'working', options);
  const name = `${hostname()}:${String(process.pid)}`;
  const underway = createUnderway(house.clock);
  const cancels = await listenForCancels(house, underway);
  const workers = openWorkers(house, underway);
  const keeper = await startKeeper(house, name);
  const heart = startHeart(house, name, underway);
  return {
    name,
    close: async () => {
      heart.stop();
      await handOver(house, workers);
      await keeper.close();
      cancels.close();
      // Where Redis is away, the record of this worker fades by itself.
      await inTime(house.clock, house.catalog.workers.leave(name), LEAVE_MS);
      await house.close();
      await inTime(house.clock, heart.stopped, LEAVE_MS);
    },
  };
}

const LEAVE_MS = 1_000;

function openWorkers(house: House, underway: Underway): Worker[] {
  const { tuning, redis, logger } = house;
  const run = createRunProcessor(house, underway);
  const open = (name: string, processor: Processor, concurrency: number, extra: object = {}): Worker => {
    const worker = new Worker(name, processor, { ...workerOptions(house, redis, concurrency), ...extra });
    worker.on('error', (err) => logger.debug({ err, queue: name }, 'connection trouble'));
    // Another worker may have the job by now: this one must stop at once.
    worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => worker.cancelJob(id, 'lease-lost')));
    worker.on('stalled', (id) => logger.warn({ queue: name, job: id }, 'A job lost its worker and starts again'));
    return worker;
  };
  // Runs and checks are picked up at each of their steps and while they wait for another run, so the number of their
  // starts says nothing; deaths of their workers are counted.
  const counted = { maxStartedAttempts: tuning.maxStarted };
  return [
    open('ticks', createTickProcessor(house), tuning.smallConcurrency, counted),
    open('runs', run, tuning.runConcurrency),
    open('checks', run, tuning.runConcurrency),
    open('cleanup', createCleanupProcessor(house, run), 1),
    open('parts', createPartProcessor(house, underway), tuning.partConcurrency, counted),
  ];
}

/** The queue `cleanup` has runs of that kind, and the removal of what other runs left behind. */
export function createCleanupProcessor(house: House, run: Processor<RunData>): Processor {
  return async function processCleanup(job: Job, token?: string, signal?: AbortSignal): Promise<unknown> {
    // A job of this queue is one or the other, by its name.
    if (job.name === ABANDON) return processAbandon(house, job as Job<AbandonData>, token ?? '', signal);
    return run(job as Job<RunData>, token, signal);
  };
}

/** Again and again until all have closed: a job may have been taken in the very moment of the first call. */
const REPEAT_MS = 250;

async function handOver(house: House, workers: readonly Worker[]): Promise<void> {
  const { clock, tuning, redis } = house;
  const closing = Promise.all(workers.map((worker) => worker.close()));
  // With Redis away nothing can be handed over.
  const patience = redis.status === 'ready' ? tuning.handoverMs : REPEAT_MS;
  const until = clock.monotonic() + patience;
  do {
    for (const worker of workers) worker.cancelAllJobs('handover');
    if (await inTime(clock, closing, REPEAT_MS)) return;
  } while (clock.monotonic() < until);
  house.logger.warn('Some jobs could not be handed over in time; others will find them');
  await inTime(clock, Promise.all(workers.map((worker) => worker.disconnect())), LEAVE_MS);
}

/** Says now and then that this process lives, and asks whether any of its runs is to be cancelled. */
function startHeart(house: House, name: string, underway: Underway): { stop(): void; readonly stopped: Promise<void> } {
  const { catalog, clock, tuning, startedAt, logger } = house;
  const stop = new AbortController();
  const beat = async (): Promise<void> => {
    const memory = process.memoryUsage.rss();
    const record = { name, queues: [...QUEUE_NAMES], startedAt, running: underway.count(), memory };
    await catalog.workers.beat(record, tuning.heartbeatMs * 3);
    await lookForCancels(house, underway);
  };
  const beating = (async () => {
    while (!stop.signal.aborted) {
      await beat().catch((err: unknown) => logger.debug({ err }, 'A heartbeat was missed'));
      await clock.sleep(tuning.heartbeatMs, stop.signal).catch(() => undefined);
    }
  })();
  return { stop: () => stop.abort(), stopped: beating };
}
