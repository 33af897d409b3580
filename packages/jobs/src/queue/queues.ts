import { Queue, type JobsOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Tuning } from '../tuning.ts';
import { QUEUE_NAMES, type QueueName } from './names.ts';

export type Queues = Readonly<Record<QueueName, Queue>>;

const HOUR = 3_600;
const DAY = 24 * HOUR;
const KEPT = { runs: { age: 14 * DAY, count: 5_000 }, parts: { age: HOUR, count: 2_000 }, alerts: { age: 30 * DAY } };

/**
 * Options of every job, by queue. What failed is kept for long: the sweep for untold failures looks there, and an alert
 * is told once only as long as its job is kept.
 */
export function jobOptions(tuning: Tuning): Readonly<Record<QueueName, JobsOptions>> {
  const backoff = { type: 'exponential', delay: tuning.backoffMs, jitter: 0.5 };
  const run = { attempts: tuning.attempts, backoff, removeOnComplete: KEPT.runs, removeOnFail: { age: 60 * DAY } };
  return {
    runs: run,
    checks: run,
    cleanup: run,
    parts: { attempts: tuning.attempts, backoff, removeOnComplete: KEPT.parts, removeOnFail: { age: 14 * DAY } },
    ticks: { attempts: 5, backoff, removeOnComplete: { age: DAY, count: 1_000 }, removeOnFail: { age: 60 * DAY } },
    alerts: {
      attempts: tuning.alertAttempts,
      backoff: { type: 'exponential', delay: tuning.alertBackoffMs, jitter: 0.2 },
      removeOnComplete: KEPT.alerts,
      removeOnFail: KEPT.alerts,
    },
  };
}

/** All queues on one connection, which stays the caller's to close. */
export function openQueues(connection: Redis, prefix: string, tuning: Tuning, onError: (error: Error) => void): Queues {
  const options = jobOptions(tuning);
  const open = (name: QueueName): Queue => {
    const queue = new Queue(name, { connection, prefix, defaultJobOptions: options[name] });
    queue.on('error', onError);
    return queue;
  };
  return {
    ticks: open('ticks'),
    runs: open('runs'),
    parts: open('parts'),
    checks: open('checks'),
    cleanup: open('cleanup'),
    alerts: open('alerts'),
  };
}

export const allQueues = (queues: Queues): Queue[] => QUEUE_NAMES.map((name) => queues[name]);

export async function closeQueues(queues: Queues): Promise<void> {
  await Promise.all(allQueues(queues).map((queue) => queue.close()));
}
