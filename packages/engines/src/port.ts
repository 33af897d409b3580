import type { CreateOptions, MilvusAddress, Moment } from '@milvault/milvus';
import type { BackupDraft, CollectionIndex, CommitInput, Manifest, Repository } from '@milvault/repository';
import type {
  Clock,
  CollectionDefinition,
  DatabaseDefinition,
  EngineKind,
  Logger,
  PrimaryKeyRecord,
  RestoreReport,
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

/** What an engine can do. A face offers only what is true here. */
export interface EngineAbilities {
  readonly incremental: boolean;
  readonly partitions: boolean;
  readonly rename: boolean;
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
}

/**
 * The plan of a backup, plain JSON. A part is what one worker does in one go: some key ranges of one partition of one
 * collection. Parts are independent and may be done in any order, anywhere, again.
 */
export interface BackupPlan {
  readonly serverVersion: string;
  readonly databases: readonly DatabaseDefinition[];
  readonly collections: readonly PlannedCollection[];
  readonly parts: readonly BackupPart[];
  readonly warnings: readonly Warning[];
  readonly rowsTotal: number;
  readonly quiesced: boolean;
}

export interface PlannedCollection {
  readonly definition: CollectionDefinition;
  readonly countBefore: number;
}

export interface BackupPart {
  /** Number of the part in its plan, from 0; orders the chunks of the backup. */
  readonly number: number;
  /** Place of its collection in the plan. */
  readonly collection: number;
  readonly definition: CollectionDefinition;
  readonly partition: string | null;
  /** The part's keys: after < k <= upTo, and the rising bounds within it where a page may end. */
  readonly after: PrimaryKeyRecord | null;
  readonly upTo: PrimaryKeyRecord | null;
  readonly bounds: readonly PrimaryKeyRecord[];
  readonly rowsExpected: number;
  /** Bytes of a row, guessed from the schema or a sample. */
  readonly rowBytes: number;
  /** When the plan began, by the server's clock: rows acknowledged before are read for certain. Null where it has none. */
  readonly moment: Moment | null;
}

/** What a part leaves behind, plain JSON. */
export interface BackupPartResult {
  readonly number: number;
  readonly collection: number;
  readonly rows: number;
  readonly bytes: number;
  readonly chunks: CollectionIndex['chunks'];
  /** Physical rows of the part that a newer row with the same key hides: each is proved by a count of the saved keys. */
  readonly shadowed: number;
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
}

export interface PlannedRestore {
  /** Of the backup, less what was not asked for: chunks, rows, content sum and partitions are those to be restored. */
  readonly index: CollectionIndex;
  readonly targetDatabase: string;
  readonly targetCollection: string;
  /** The collection is filled under this name and renamed when it was proved equal. */
  readonly stagingCollection: string;
  /** How the target keeps the keys of an auto-id collection. */
  readonly autoId: CreateOptions['autoId'];
  /** What the target builds: the backup's indexes, less those that it does not know (each has a warning). */
  readonly indexes: CollectionIndex['definition']['indexes'];
}

export interface RestorePart {
  readonly number: number;
  readonly collection: number;
  /** Places of its chunks in the collection's index. */
  readonly chunks: readonly number[];
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

/**
 * A way for data to leave and re-enter Milvus. Every step may be called again after a crash, on another machine, with
 * the same input: a step that was done already does no harm and gives an equal answer. Faults are MilvaultErrors; those
 * of the repository pass through untouched, so that a full disk is never taken for a fault of the source.
 */
export interface Engine {
  readonly kind: EngineKind;
  readonly abilities: EngineAbilities;
  inspect(source: MilvusAddress, collections: readonly string[], context: EngineContext): Promise<Inspection>;

  planBackup(source: MilvusAddress, request: BackupRequest, context: EngineContext): Promise<BackupPlan>;
  /** `fence` is a name that no other try at this part has. */
  backupPart(
    source: MilvusAddress,
    repository: Repository,
    draft: BackupDraft,
    part: BackupPart,
    fence: string,
    context: EngineContext,
  ): Promise<BackupPartResult>;
  /** Counts again, compares (ROW_COUNT_MISMATCH, COLLECTION_CHANGED), and gives what is to be committed. */
  finishBackup(
    source: MilvusAddress,
    plan: BackupPlan,
    results: readonly BackupPartResult[],
    context: EngineContext,
  ): Promise<CommitInput>;

  /**
   * Conflicts (TARGET_EXISTS), names (COLLECTION_NOT_FOUND, PARTITION_NOT_FOUND, NAME_INVALID), the backup's stored
   * hashes (BACKUP_DAMAGED), and whether the target can hold what the backup holds (TARGET_UNSUPPORTED): tried on empty
   * collections under staging names, which are gone again when this returns or rejects.
   */
  planRestore(
    target: MilvusAddress,
    repository: Repository,
    manifest: Manifest,
    request: RestoreRequest,
    context: EngineContext,
  ): Promise<RestorePlan>;
  /** Creates databases, staging collections, partitions. Called once before the parts; fine to repeat. */
  beginRestore(target: MilvusAddress, plan: RestorePlan, context: EngineContext): Promise<void>;
  restorePart(
    target: MilvusAddress,
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
  finishRestore(target: MilvusAddress, plan: RestorePlan, context: EngineContext): Promise<RestoreReport>;
  /** Drops what an unfinished restore made under staging names, and databases that it made and that are still empty. */
  abandonRestore(target: MilvusAddress, plan: RestorePlan, context: EngineContext): Promise<void>;
}
