/** Times and limits of the runners. Fixed for a product, injected by tests that cannot wait for them. */
export interface Tuning {
  /** Tries of a scheduled run, and of the parts of each run, at errors that may go away: rides out a restart of Milvus. */
  readonly attempts: number;
  /** Tries of a run that somebody started by hand and waits for. */
  readonly attemptsByHand: number;
  /** First wait before a try again; doubles each time, less up to half of it by chance. */
  readonly backoffMs: number;
  /** Parts, runs, checks and small jobs that one process does at once. */
  readonly partConcurrency: number;
  readonly runConcurrency: number;
  readonly smallConcurrency: number;
  /**
   * A worker that lost its process is noticed after at most lockMs + stalledMs. 60 s ride out a pause of 30 s of the
   * event loop or of Redis, which else would make a job run twice at once.
   */
  readonly lockMs: number;
  readonly stalledMs: number;
  /** Deaths of workers that one job survives: rolling restarts must not fail a long backup. */
  readonly maxStalled: number;
  /** Starts of one part or tick, hand-overs included: ends a crash loop that no stall limit sees. */
  readonly maxStarted: number;
  /** Pause of an idle worker between looks, in seconds (a new job wakes it at once). */
  readonly drainSeconds: number;
  /** A run whose collection is taken looks again after so long, plus up to as much by chance. */
  readonly leasePollMs: number;
  /** Progress is written at most so often. */
  readonly progressMs: number;
  readonly heartbeatMs: number;
  /** Schedules are compared with the plans, failures swept and silence looked for so often. */
  readonly keeperMs: number;
  readonly alertAttempts: number;
  readonly alertBackoffMs: number;
  /** After a signal to end: so long may jobs take to hand themselves over. */
  readonly handoverMs: number;
}

export const DEFAULT_TUNING: Tuning = {
  attempts: 5,
  attemptsByHand: 2,
  backoffMs: 10_000,
  partConcurrency: 2,
  runConcurrency: 4,
  smallConcurrency: 5,
  lockMs: 60_000,
  stalledMs: 15_000,
  maxStalled: 5,
  maxStarted: 20,
  drainSeconds: 5,
  leasePollMs: 5_000,
  progressMs: 2_000,
  heartbeatMs: 5_000,
  keeperMs: 60_000,
  alertAttempts: 10,
  alertBackoffMs: 60_000,
  handoverMs: 15_000,
};
