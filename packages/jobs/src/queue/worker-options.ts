import type { WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { House } from './house.ts';

/** Options of every worker. The connection is shared; each worker opens one more for its blocking call. */
export const workerOptions = ({ prefix, tuning }: House, connection: Redis, concurrency: number): WorkerOptions => ({
  connection,
  prefix,
  concurrency,
  lockDuration: tuning.lockMs,
  stalledInterval: tuning.stalledMs,
  maxStalledCount: tuning.maxStalled,
  drainDelay: tuning.drainSeconds,
});
