import type { AlertEvent } from '@milvault/alerts';
import type { Engine } from '@milvault/engines';
import type { MilvusAddress } from '@milvault/milvus';
import type { Repository } from '@milvault/repository';
import type { Backup, Clock, Config, Logger, Progress, Run, RunKind } from '@milvault/shared';

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
  source(nameOrAddress: string): MilvusAddress;
  /** By configured name or by folder; opened once per process. */
  repository(nameOrPlace: string): Promise<Repository>;
  engine(kind: 'auto' | Engine['kind']): Engine;
  onProgress(done: { phase?: string; rows?: number; bytes?: number }): void;
  /** Ids of backups that any run is writing now, for the clean-up. */
  activeBackups(): Promise<readonly string[]>;
  alert(event: AlertEvent): Promise<void>;
}

/**
 * A job: plan, then parts in any order on any worker, then finish. A job without parts plans none and does its work in
 * `finish`. `State`, `Part` and `Result` are plain JSON: they pass through Redis. `Payload` carries names and ids, never
 * credentials.
 *
 * Each step may run again after a crash with the same input. `plan` is not run again once its state was kept.
 */
export interface Job<Payload, State, Part, PartResult, Outcome extends Record<string, unknown>> {
  readonly kind: RunKind;
  plan(payload: Payload, context: JobContext): Promise<{ state: State; parts: readonly Part[]; rowsTotal: number }>;
  part(state: State, part: Part, fence: string, context: JobContext): Promise<PartResult>;
  finish(payload: Payload, state: State, results: readonly PartResult[], context: JobContext): Promise<Outcome>;
  /** After a failure for good or a cancel, once no part runs any more: leaves nothing behind. */
  abandon(payload: Payload, state: State | null, context: JobContext): Promise<void>;
  /** Runs that follow a good end: a verify after a backup, … */
  next?(payload: Payload, outcome: Outcome): readonly { kind: RunKind; payload: Record<string, unknown> }[];
}

export interface BackupPayload {
  readonly source: string;
  readonly repository: string;
  readonly collections: readonly string[];
  readonly type: 'full' | 'incremental';
  readonly engine: 'auto' | 'rows';
  readonly plan: string | null;
  /** Level of the check right after the commit; null for none. */
  readonly verify: 0 | 1 | 2 | 3 | null;
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
  backups(filter: { repository?: string; plan?: string }): Promise<Backup[]>;
  /** By id or name, in the named repository or in every one. */
  backup(idOrName: string, repository?: string): Promise<Backup>;
  removeBackup(idOrName: string, repository?: string): Promise<void>;
  close(): Promise<void>;
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
