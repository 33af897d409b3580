import type { HealthFinding } from '@milvault/alerts';
import type { Engines, EngineSource } from '@milvault/engines';
import type { MilvusAddress, MilvusClient } from '@milvault/milvus';
import type { Repository } from '@milvault/repository';
import type {
  Backup,
  ChainLimits,
  Clock,
  Config,
  Consistency,
  EngineKind,
  ErrorRecord,
  Logger,
  Progress,
  Run,
  RunKind,
  Unread,
} from '@milvault/shared';

export type { Progress, Run, RunKind, RunState } from '@milvault/shared';

/**
 * What a job may use. The worker fills it from Redis and the configuration, `--local` from the command line alone:
 * a job cannot tell the difference and knows no queue.
 */
export interface JobContext {
  readonly runId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts with a `Stopped` reason. */
  readonly signal: AbortSignal;
  readonly config: Config;
  /** By configured name, or by address as given on the command line. SOURCE_NOT_FOUND. */
  source(nameOrAddress: string): EngineSource;
  /** By configured name or by folder; opened once per process. */
  repository(nameOrPlace: string): Promise<Repository>;
  readonly engines: Engines;
  /** A connection of the caller's own: close it. */
  connect(address: MilvusAddress): MilvusClient;
  /** What was done since the last call; cheap. A phase replaces the one before. */
  onProgress(done: { phase?: string; rows?: number; bytes?: number }): void;
  /** Ids of backups that any run is writing now, for the clean-up. */
  activeBackups(): Promise<readonly string[]>;
  /**
   * Says what a check found, at every look: people are told when it is new, and when it is well again after that.
   */
  report(finding: HealthFinding): Promise<void>;
  /** What waits and who takes it; null where there is no queue. */
  queues(): Promise<QueueHealth | null>;
  /** Since when this is known, by any process: what was never seen before is seen first now. */
  seenSince(what: string): Promise<number>;
}

export interface QueueHealth {
  /** Processes that take jobs now. */
  readonly workers: number;
  /** Jobs that could be taken now. */
  readonly waiting: number;
  /** Names of queues that somebody paused. */
  readonly paused: readonly string[];
  /** Each schedule, and when its next run was due: in the past where nobody started it. */
  readonly schedules: readonly { readonly id: string; readonly due: number }[];
  /** Why this Redis cannot be trusted with jobs; null where it can. */
  readonly redis: ErrorRecord | null;
}

/** One try at a part. */
export interface PartTry {
  /** A name that no other try at this part has: lower-case letters, digits and -. */
  readonly fence: string;
  /** True only for a try that is certainly the first. */
  readonly first: boolean;
}

/**
 * A job: plan, then parts in any order on any worker, then finish. A job without parts plans none and does its work in
 * `finish`. `State`, `Part` and `Result` are plain JSON: they pass through Redis. `Payload` carries names and ids, never
 * credentials.
 *
 * Each step may run again after a crash with the same input. `plan` is not run again once its state was kept.
 */
export interface Job<Payload, State, Part, PartResult, Outcome extends object> {
  readonly kind: RunKind;
  plan(payload: Payload, context: JobContext): Promise<{ state: State; parts: readonly Part[]; rowsTotal: number }>;
  /**
   * Makes ready what the parts need, after the plan was kept: whatever it leaves, `abandon` knows of. May be repeated
   * until the first part begins, and never after that. Gives the state with what it found.
   */
  begin?(state: State, context: JobContext): Promise<State>;
  part(state: State, part: Part, attempt: PartTry, context: JobContext): Promise<PartResult>;
  /** `results` are those of all parts, each at the place of its part. */
  finish(
    payload: Payload,
    planned: { readonly state: State; readonly parts: readonly Part[] },
    results: readonly PartResult[],
    context: JobContext,
  ): Promise<Outcome>;
  /** After a failure for good or a cancel, once no part runs any more: leaves nothing behind. */
  abandon(payload: Payload, state: State | null, context: JobContext): Promise<void>;
  /** Id of the backup that a run in this state writes: the clean-up leaves it alone. Absent: none. */
  writes?(state: State): string | null;
  /** Runs that follow a good end: a drill after a full backup, … */
  next?(payload: Payload, outcome: Outcome): readonly FollowUp[];
  /**
   * What no other run may touch meanwhile, asked before `plan`: names made by `leases.ts`. Absent: nothing.
   */
  leases?(payload: Payload, context: JobContext): Promise<readonly string[]>;
}

export type FollowUp = { [K in RunKind]: { readonly kind: K; readonly payload: JobPayloads[K] } }[RunKind];

/**
 * A job as its runner sees it. Payload, state, parts and results are the job's own business; the runner stores them and
 * hands them back. Methods compare their parameters both ways, so each Job fits here without a cast.
 */
export type AnyJob = Job<unknown, unknown, unknown, unknown, object>;
export type JobRegistry = Readonly<Record<RunKind, AnyJob>>;

export interface BackupPayload {
  readonly source: string;
  readonly repository: string;
  readonly collections: readonly string[];
  readonly type: 'full' | 'incremental';
  readonly engine: 'auto' | EngineKind;
  readonly plan: string | null;
  /** Level of the check right after the commit; null for none. */
  readonly verify: 0 | 1 | 2 | 3 | null;
  /** What an incremental is taken against, and how long a chain may become. */
  readonly base: 'last' | 'full';
  readonly chain: ChainLimits;
  /** The least that the backup must be worth as a point in time: CONSISTENCY_TOO_WEAK otherwise. */
  readonly consistency: Consistency;
  /** Name that the backup is to have; absent: by type and time. */
  readonly name?: string;
  /** Id of the backup that an incremental is to borrow from; absent: the best by `base` and `chain`. */
  readonly baseBackup?: string;
}
export interface VerifyPayload {
  readonly repository: string;
  readonly backup: string;
  readonly level: 0 | 1 | 2 | 3;
}
export interface RestorePayload {
  readonly repository: string;
  readonly backup: string;
  readonly target: string;
  readonly collections: readonly string[];
  readonly partitions: readonly string[];
  readonly suffix: string | null;
  readonly rename: Readonly<Record<string, string>>;
  readonly aliases: boolean;
  /** Of a damaged backup, what is left of it; absent: no. */
  readonly salvage?: boolean;
}
/** A trial restore into scratch collections of `target` (default: the source itself), compared, searched and dropped. */
export interface DrillPayload {
  readonly repository: string;
  readonly backup: string;
  readonly target: string | null;
}
export interface CleanupPayload {
  /** Null: every configured repository. */
  readonly repository: string | null;
  readonly dryRun: boolean;
  /** Also where most backups of a plan would go at once; absent: no. */
  readonly force?: boolean;
}
export type HealthPayload = Record<string, never>;

export interface JobPayloads {
  readonly backup: BackupPayload;
  readonly verify: VerifyPayload;
  readonly restore: RestorePayload;
  readonly drill: DrillPayload;
  readonly cleanup: CleanupPayload;
  readonly health: HealthPayload;
}

/** What the faces use: the API over Redis. Made by `createService`; the CLI's `--local` has `createLocalService`. */
export interface Service {
  /** Queues a run. CONFLICT where an equal one is queued or under way. */
  start<K extends RunKind>(kind: K, payload: JobPayloads[K], options: StartOptions): Promise<Run>;
  run(id: string): Promise<Run>;
  runs(filter: RunFilter): Promise<{ runs: Run[]; total: number }>;
  logs(id: string): Promise<string[]>;
  /** Resolves when the cancel was recorded; the run ends as `cancelled` soon after. CONFLICT where it has ended. */
  cancel(id: string): Promise<Run>;
  /** Resolves with the run when it has ended in any way. */
  wait(id: string, signal: AbortSignal, onProgress?: (progress: Progress) => void): Promise<Run>;
  /** All of them, newest first; a repository that cannot be read rejects, so that no list is taken for whole. */
  backups(filter: { repository?: string; plan?: string }): Promise<Backup[]>;
  /** The same of every repository that can be read, and which could not: for those who look at all of them at once. */
  survey(filter: { plan?: string }): Promise<BackupSurvey>;
  /** By id or name, in the named repository or in every one. */
  backup(idOrName: string, repository?: string): Promise<Backup>;
  removeBackup(idOrName: string, repository?: string): Promise<void>;
  /** Nobody deletes it before it is released. Fine to repeat. */
  holdBackup(idOrName: string, reason: string | null, repository?: string): Promise<Backup>;
  releaseBackup(idOrName: string, repository?: string): Promise<Backup>;
  close(): Promise<void>;
}

export interface BackupSurvey {
  readonly backups: readonly Backup[];
  readonly unread: readonly Unread[];
}

export interface StartOptions {
  readonly trigger: string;
  readonly plan: string | null;
  /** Given by schedules: the same id is the same run. */
  readonly runId?: string;
}

export interface RunFilter {
  readonly kind?: RunKind;
  readonly state?: Run['state'];
  readonly plan?: string;
  readonly limit: number;
  readonly offset: number;
}
