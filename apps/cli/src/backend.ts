import type { Service } from '@milvault/jobs';
import type { ExportSource } from '@milvault/repository';
import type {
  AuditPage,
  BackupType,
  InspectionView,
  MakeToken,
  PlanView,
  ProbeReport,
  RepositoryView,
  Run,
  StartBackup,
  StartCleanup,
  StartDrill,
  StartRestore,
  StartVerify,
  TokenMade,
  TokenView,
} from '@milvault/shared';

/** What a command may ask to be run: the bodies of the API, where what is left out has the API's default. */
export interface Requests {
  readonly backup: StartBackup;
  readonly verify: StartVerify;
  readonly drill: StartDrill;
  readonly restore: StartRestore;
  readonly cleanup: StartCleanup;
}

/**
 * All that a command knows: a {@link Service}, behind the API or in this process. It cannot tell which.
 * Faults are MilvaultErrors; those of the way to the API are API_UNREACHABLE, UNAUTHENTICATED, FORBIDDEN.
 */
export interface Backend extends Omit<Service, 'start'> {
  start<K extends keyof Requests>(kind: K, request: Requests[K]): Promise<Run>;
  /** Without a name: of the only configured source. */
  inspect(source: string | undefined, collections: readonly string[]): Promise<InspectionView>;
  /** Without a name: the only configured one. REPO_NOT_A_REPOSITORY. */
  repository(name: string | undefined): Promise<RepositoryView>;
  /** Makes a repository of an empty or missing folder, or of an empty prefix of a bucket. */
  initRepository(name: string): Promise<RepositoryView>;
  /** Tries the promises of its store on the store itself. Without a name: the only configured one. */
  probeRepository(name: string | undefined): Promise<ProbeReport>;
  /** A backup that can be exported from here; its rows come as they are asked for. BACKUP_NOT_FOUND. */
  openExport(idOrName: string, repository: string | undefined): Promise<ExportSource>;
  plans(): Promise<PlanView[]>;
  /** Starts a backup as the plan says, now. PLAN_NOT_FOUND. */
  runPlan(name: string, type: BackupType | undefined): Promise<Run>;
  tokens(): Promise<TokenView[]>;
  /** The token comes with this answer and never again. CONFLICT where the name is taken. */
  makeToken(asked: MakeToken): Promise<TokenMade>;
  /** TOKEN_NOT_FOUND. */
  revokeToken(name: string): Promise<void>;
  audit(asked: { readonly limit: number; readonly before?: string }): Promise<AuditPage>;
}
