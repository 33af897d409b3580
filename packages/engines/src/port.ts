import type { CreateOptions, MilvusAddress } from '@milvault/milvus';
import type {
  BackupDraft,
  CollectionIndex,
  CommitInput,
  Manifest,
  Repository,
  VerifyOptions,
} from '@milvault/repository';
import type {
  Clock,
  CollectionDefinition,
  Consistency,
  Damage,
  DatabaseDefinition,
  EngineKind,
  Logger,
  RestoreReport,
  StoragePlace,
  ToolBackup,
  VerifyReport,
  Warning,
} from '@milvault/shared';

/** What every step of an engine gets. */
export interface EngineContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Told now and then with what was done since the last call; cheap to call. */
  readonly onProgress: (done: { rows: number; bytes: number }) => void;
}

/**
 * One Milvus as engines see it. An engine that needs more than the public port finds it here, and says by `serves` what
 * is missing.
 */
export interface EngineSource extends MilvusAddress {
  /** Where it keeps its own files; null or absent where nobody told. */
  readonly storage?: StoragePlace | null;
  /** Base address of a backup tool's API, where one serves this Milvus. */
  readonly tool?: string;
}

/** What an engine can do. A face offers only what is true here. */
export interface EngineAbilities {
  readonly incremental: boolean;
  readonly partitions: boolean;
  readonly rename: boolean;
  /** Absent: an incremental can borrow from any backup; `full`: only from a full. */
  readonly base?: 'full';
  /** What it cannot do although every other engine can: asked for, it is refused before anything is touched. */
  readonly lacks?: readonly ('restore' | 'drill')[];
  /** The best label of consistency that it can give. */
  readonly consistency: Consistency;
}

/** What is there, and what would not be saved. */
export interface Inspection {
  readonly serverVersion: string;
  readonly databases: readonly DatabaseDefinition[];
  readonly collections: readonly InspectedCollection[];
  readonly warnings: readonly Warning[];
}

export interface InspectedCollection {
  readonly definition: CollectionDefinition;
  /** count(*); null where it cannot be read (not loaded). */
  readonly rows: number | null;
}

export interface BackupRequest {
  /**
   * `name` (of the database `default`), `database.name`, `database.*` or `*`; empty: all. One that matches nothing is
   * COLLECTION_NOT_FOUND, or DATABASE_NOT_FOUND where it names a database that is not there.
   */
  readonly collections: readonly string[];
  /** The caller's word that nothing writes to these collections meanwhile; default false. Makes `quiesced` possible. */
  readonly quiesced?: boolean;
  /** Id of the backup to borrow from: one of this engine and this source. Null, the default: a full. */
  readonly base?: string | null;
  /**
   * Whether to find out what the backup is worth as a point in time, where that costs something (a flush before and
   * after); default false. Without it nothing better than `quiesced` is promised, and the next incremental reads all.
   */
  readonly prove?: boolean;
}

/**
 * The plan of a backup, plain JSON. A part is what one worker does in one go. Parts are independent and may be done in
 * any order, anywhere, again. Each engine has more in them than is written here, for itself alone.
 */
export interface BackupPlan {
  readonly serverVersion: string;
  readonly databases: readonly DatabaseDefinition[];
  readonly collections: readonly PlannedCollection[];
  readonly parts: readonly BackupPart[];
  readonly warnings: readonly Warning[];
  readonly rowsTotal: number;
  /** The best label that a backup by this plan can get: what this server, as it is, cannot show is known already. */
  readonly consistency: Consistency;
  /** What it borrows from; null where no collection could borrow anything, so that a full is taken. */
  readonly base: string | null;
}

export interface PlannedCollection {
  readonly definition: CollectionDefinition;
  readonly countBefore: number;
  /** Why the collection is read whole although a base was given; null where it is not, or none was. */
  readonly wholeBecause: string | null;
}

export interface BackupPart {
  /** Number of the part in its plan, from 0; orders what it stores. */
  readonly number: number;
  /** Place of its collection in the plan. */
  readonly collection: number;
}

/** What a part leaves behind, plain JSON. */
export interface BackupPartResult {
  readonly number: number;
  readonly collection: number;
  /** Rows that were read, and bytes that were stored. */
  readonly rows: number;
  readonly bytes: number;
}

export interface RestoreRequest {
  /** `database.collection` or `collection` of the backup; empty: all. */
  readonly collections: readonly string[];
  /** Only these partitions; empty: all. */
  readonly partitions: readonly string[];
  /** Appended to every collection's name; default `_restored` unless renamed. */
  readonly suffix: string | null;
  /** Old name to new name, each `database.collection` or `collection`. Wins over the suffix. */
  readonly rename: Readonly<Record<string, string>>;
  /** Put back aliases too: an alias that exists elsewhere on the target is left alone with a warning. */
  readonly aliases: boolean;
  /** Of a damaged backup, restore what is left: chunks, segments and collections that are lost are told. Absent: no. */
  readonly salvage?: boolean;
}

/** The plan of a restore, plain JSON. Its size is that of the indexes: some 300 bytes for each 16 MiB of data. */
export interface RestorePlan {
  readonly backupId: string;
  readonly startedAt: number;
  /** Databases that the target lacks, to be created. */
  readonly newDatabases: readonly DatabaseDefinition[];
  readonly collections: readonly PlannedRestore[];
  readonly parts: readonly RestorePart[];
  readonly warnings: readonly Warning[];
  readonly rowsTotal: number;
  readonly aliases: boolean;
  /** What is damaged and therefore not restored; absent: nothing is. */
  readonly lost?: readonly Damage[];
}

/** One collection of a backup, and the name that it would get. Null: the tool that keeps it did not say. */
export interface WouldMake {
  readonly database: string;
  readonly collection: string;
  readonly targetDatabase: string;
  readonly targetCollection: string;
  readonly rows: number | null;
  readonly bytes: number | null;
}

export interface WouldRestore {
  readonly collections: readonly WouldMake[];
  readonly warnings: readonly Warning[];
}

export interface PlannedRestore {
  /** Of the backup, less what was not asked for: files, rows, content sum and partitions are those to be restored. */
  readonly index: CollectionIndex;
  readonly targetDatabase: string;
  readonly targetCollection: string;
  /** The collection is filled under this name and renamed when it was proved equal. */
  readonly stagingCollection: string;
  /** How the target keeps the keys of an auto-id collection: found out when the restore begins. */
  readonly autoId: CreateOptions['autoId'];
  /** What the target builds: the backup's indexes; from the beginning on less those that it refused, each with a warning. */
  readonly indexes: CollectionIndex['definition']['indexes'];
}

export interface RestorePart {
  readonly number: number;
  readonly collection: number;
}

export interface RestoreTry {
  /**
   * False only for a try that is certainly the first at its part. Any other writes by upsert, so that rows of an earlier
   * try, even one that still runs somewhere, are not doubled.
   */
  readonly redo: boolean;
}

export interface RestorePartResult {
  readonly number: number;
  readonly collection: number;
  readonly rows: number;
  readonly bytes: number;
}

/** A backup that a tool holds, as it tells of it. What it did not say is null. */
export interface HeldBackup {
  readonly name: string;
  readonly key: string | null;
  readonly bytes: number | null;
  readonly serverVersion: string | null;
}

/**
 * What an engine adds that keeps its backups in a tool of its own. The repository then has the record of each, with the
 * tool's address and name of it, and none of its data: listing, retention, pins and chains work on records, and only the
 * steps below speak of the data itself.
 */
export interface ToolSide {
  /** All that the tool holds, whoever made it. OPTION_UNSUPPORTED where the tool cannot tell. */
  list(source: EngineSource, context: EngineContext): Promise<readonly HeldBackup[]>;
  /**
   * Deletes a backup at the tool and makes sure that it is gone. May be repeated: one that is gone already is fine.
   * TOOL_ faults, and then it may still be there.
   */
  remove(backup: ToolBackup): Promise<void>;
  /** Removes what a backup that was given up left at the tool, as far as the tool lets it. May be repeated. */
  abandon(source: EngineSource, draft: BackupDraft): Promise<void>;
}

/**
 * A way for data to leave and re-enter Milvus. Every step may be called again after a crash, on another machine, with
 * the same input: a step that was done already does no harm and gives an equal answer. Faults are MilvaultErrors; those
 * of the repository pass through untouched, so that a full disk is never taken for a fault of the source.
 */
export interface Engine {
  readonly kind: EngineKind;
  readonly abilities: EngineAbilities;
  /** Absent where backups lie in the repository. */
  readonly tool?: ToolSide;
  /**
   * Null where this engine can back up that source; else why not, for people. Finds out by looking, never by a version.
   * SOURCE_ faults where the source does not answer.
   */
  serves(source: EngineSource, context: EngineContext): Promise<string | null>;
  inspect(source: EngineSource, collections: readonly string[], context: EngineContext): Promise<Inspection>;

  /** The repository is only read, and only where there is a base. */
  planBackup(
    source: EngineSource,
    repository: Repository,
    request: BackupRequest,
    context: EngineContext,
  ): Promise<BackupPlan>;
  /** `fence` is a name that no other try at this part has. BASE_DAMAGED where a file of the base is not what it was. */
  backupPart(
    source: EngineSource,
    repository: Repository,
    draft: BackupDraft,
    part: BackupPart,
    fence: string,
    context: EngineContext,
  ): Promise<BackupPartResult>;
  /**
   * Counts again, compares (ROW_COUNT_MISMATCH, COLLECTION_CHANGED), puts borrowed and new together, and gives what is to
   * be committed.
   */
  finishBackup(
    source: EngineSource,
    repository: Repository,
    draft: BackupDraft,
    plan: BackupPlan,
    results: readonly BackupPartResult[],
    context: EngineContext,
  ): Promise<CommitInput>;

  /** Checks a backup of this engine and stores the report beside it: see `Repository.verify`. */
  verify(repository: Repository, backup: string, options: VerifyOptions, context: EngineContext): Promise<VerifyReport>;

  /**
   * What a restore would make, by the backup alone. The same faults as of its plan for what the backup does not hold and
   * for names; nothing is asked of the target.
   */
  wouldRestore(
    target: EngineSource,
    repository: Repository,
    manifest: Manifest,
    request: RestoreRequest,
  ): Promise<WouldRestore>;
  /**
   * Conflicts (TARGET_EXISTS), names (COLLECTION_NOT_FOUND, PARTITION_NOT_FOUND, NAME_INVALID), the backup's stored
   * hashes (BACKUP_DAMAGED, or what is lost where the rest was asked for), and whether the target can hold what the
   * backup holds (TARGET_UNSUPPORTED): tried on empty collections under staging names, which are gone again when this
   * returns or rejects.
   */
  planRestore(
    target: EngineSource,
    repository: Repository,
    manifest: Manifest,
    request: RestoreRequest,
    context: EngineContext,
  ): Promise<RestorePlan>;
  /**
   * Tries the target out, TARGET_UNSUPPORTED, and creates databases, staging collections and partitions. Gives the plan
   * with what it found: from here that is the plan. Called before the first part; fine to repeat until then.
   */
  beginRestore(
    target: EngineSource,
    repository: Repository,
    plan: RestorePlan,
    context: EngineContext,
  ): Promise<RestorePlan>;
  restorePart(
    target: EngineSource,
    repository: Repository,
    plan: RestorePlan,
    part: RestorePart,
    attempt: RestoreTry,
    context: EngineContext,
  ): Promise<RestorePartResult>;
  /**
   * Counts, reads every row back and compares content; only when all collections are equal, gives them their names,
   * properties, aliases and load state. RESTORE_MISMATCH, TARGET_EXISTS where the name was taken meanwhile.
   */
  finishRestore(
    target: EngineSource,
    repository: Repository,
    plan: RestorePlan,
    context: EngineContext,
  ): Promise<RestoreReport>;
  /** Drops what an unfinished restore made under staging names, and databases that it made and that are still empty. */
  abandonRestore(target: EngineSource, plan: RestorePlan, context: EngineContext): Promise<void>;
}
