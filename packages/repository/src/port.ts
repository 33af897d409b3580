import type {
  Backup,
  BackupType,
  CollectionDefinition,
  Consistency,
  Damage,
  DatabaseDefinition,
  EngineKind,
  Hold,
  PrimaryKey,
  Proof,
  RetentionPolicy,
  RowBatch,
  RowChanges,
  ToolBackup,
  VerifyReport,
  Warning,
} from '@milvault/shared';

/**
 * Where objects are kept. Keys are made by `format/names.ts` alone: lower-case, no `..`, `/` between segments.
 *
 * Faults are MilvaultErrors: REPO_NOT_WRITABLE (rights, read-only), REPO_FULL (space, inodes, quota),
 * REPO_ACCESS_DENIED (keys of a store), REPO_WRITE_FAILED, REPO_READ_FAILED, OBJECT_MISSING. A write is all or nothing: one that fails leaves nothing half-written, and only where its
 * answer was lost may all of it be there.
 */
export interface StorageDriver {
  /** Where this is, for people: a folder, or `s3://bucket/prefix`. */
  readonly place: string;
  /** Writes a whole object. Durable and visible at once when it resolves; may be repeated with the same bytes. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * Writes a whole object only where there is none. Of any number of racing callers exactly one gets `created`.
   * Durable like `put`.
   */
  create(key: string, bytes: Uint8Array): Promise<'created' | 'exists'>;
  /** The whole object. OBJECT_MISSING where there is none. */
  get(key: string): Promise<Uint8Array>;
  /** Bytes [offset, offset + length). Shorter only at the end of the object. */
  getRange(key: string, offset: number, length: number): Promise<Uint8Array>;
  /** Size in bytes, or null where there is none. */
  stat(key: string): Promise<ObjectStat | null>;
  /** Every object whose key starts with `prefix` (a folder, ending in `/`, or ''), in key order. Any fault rejects: an incomplete list is never returned. */
  list(prefix: string): AsyncIterable<ObjectStat>;
  /** Removes an object. Removing what is not there is fine. */
  remove(key: string): Promise<void>;
  /** Left-overs of writes that died: removes those older than `ageMs`, returns how many. Called by every clean-up. */
  sweep(ageMs: number): Promise<number>;
  /** True where nothing lies at the place yet, or where there is no such place: a repository may be created there. */
  isEmpty(): Promise<boolean>;
  /** Space of the file system, or null where that has no meaning. */
  space(): Promise<{ total: number; free: number } | null>;
  /**
   * The same store, whose waits end with the signal by its reason: for stores that may let us wait. Instead of an earlier
   * signal, not beside it. `create` and `remove` go on: a decision is never left open, nor what was begun left behind.
   */
  within?(signal: AbortSignal): StorageDriver;
  /** Writes that go wrong on purpose, for a probe of a store that is not ours. */
  readonly spoil?: {
    /** Sends bytes with the checksum of other bytes. */
    checksum(key: string, bytes: Uint8Array): Promise<'refused' | 'accepted'>;
    /** Breaks a write off in its middle. */
    tear(key: string, bytes: Uint8Array): Promise<'refused' | 'accepted'>;
  };
}

export interface ObjectStat {
  readonly key: string;
  readonly size: number;
  /** Milliseconds since 1970 by the store's clock. */
  readonly modifiedAt: number;
}

/** A backup that is being taken. Plain JSON: it travels to other workers. */
export interface BackupDraft {
  readonly backupId: string;
  readonly name: string;
  readonly type: BackupType;
  readonly sourceId: string;
  readonly sourceAddress: string;
  readonly serverVersion: string;
  readonly plan: string | null;
  readonly note: string | null;
  readonly startedAt: number;
  /** The backup that this one may borrow from: pinned until it is decided. */
  readonly base: string | null;
}

/** What a backup is begun with; without a base it borrows nothing. */
export type DraftInput = Omit<BackupDraft, 'backupId' | 'startedAt' | 'name' | 'base'> & {
  readonly base?: string | null;
  /** The caller's own name, and when it was made where that was before. Default: by type and time, and now. */
  readonly name?: string;
  readonly startedAt?: number;
};

/** What is needed to give a backup up: its base is let go, too. */
export type UnfinishedRef = Pick<BackupDraft, 'backupId' | 'sourceId'> & { readonly base?: string | null };

/** One data file of a backup, as the index of its collection lists it. */
export interface ChunkEntry {
  readonly key: string;
  /** Bytes and SHA-256 (hex) of the file as it lies there. */
  readonly size: number;
  readonly sha256: string;
  /** Rows that are there, without those that `deletions` marks. */
  readonly rows: number;
  readonly partition: string;
  /** First and last primary key of the file, int64 as decimal text. */
  readonly keyMin: string;
  readonly keyMax: string;
  /** Sum of the rows' fingerprints modulo 2^128, 32 hex digits: independent of order. Of the rows that are there. */
  readonly contentSum: string;
  /** Absent where all rows of the file are there. */
  readonly deletions?: DeletionVector;
}

/** Where it is written which rows of a file are no longer there. */
export interface DeletionVector {
  readonly key: string;
  readonly offset: number;
  readonly size: number;
  readonly sha256: string;
  readonly fileRows: number;
}

/** One file of Milvus as a backup keeps it, byte for byte. */
export interface SegmentFile {
  readonly key: string;
  /** Bytes and SHA-256 (hex). */
  readonly size: number;
  readonly sha256: string;
  /** Number of the field whose values it holds: 0 row ids, 1 timestamps. Absent: a delta log, which holds deletions. */
  readonly field?: number;
  /** Its own number in Milvus's storage, decimal. The insert logs of a field hold its rows in the order of these. */
  readonly log: string;
  /** Rows, or deletions, that it holds. */
  readonly rows: number;
  /** Milvus's timestamp of the last of them, decimal. */
  readonly to: string;
}

/** One segment of Milvus: rows of one partition, and deletions of rows among them. */
export interface SegmentEntry {
  /** Milvus's number, decimal. */
  readonly id: string;
  readonly partition: string;
  /** Rows that were inserted, as Milvus counts them. */
  readonly rows: number;
  /** Those of them that are there: neither deleted nor later than the moment of the backup. */
  readonly live: number;
  readonly files: readonly SegmentFile[];
}

/** What the index of a collection holds in the place of chunks, where Milvus's own files were copied. */
export interface SegmentSet {
  /** Milvus's timestamp of the backup, decimal: what is later is passed over. Null: all of the files counts. */
  readonly upTo: string | null;
  /** The numbers that the files have for the fields. */
  readonly fields: readonly { readonly name: string; readonly id: number }[];
  readonly list: readonly SegmentEntry[];
}

/** How a partition looked to its server while it was read, where that was proved not to have changed meanwhile. */
export interface StillMark {
  /** '' for a collection that is read as a whole. */
  readonly partition: string;
  /** SHA-256 over what the server said of its data. */
  readonly mark: string;
  /** count(*) at that time. */
  readonly rows: number;
}

/** The index of one collection: all that a restore of it needs. */
export interface CollectionIndex {
  readonly definition: CollectionDefinition;
  readonly primaryKey: string;
  readonly rows: number;
  readonly contentSum: string;
  /** count(*) of the source before and after reading; differs from rows where duplicates are shadowed. */
  readonly counted: { readonly before: number; readonly after: number };
  /** Physical rows that a newer row with the same key hides. */
  readonly shadowedDuplicates: number;
  /**
   * By rising first key within each partition. Those of a full never overlap; those that an incremental adds lie between
   * and over the borrowed ones, and no key is there twice.
   */
  readonly chunks: readonly ChunkEntry[];
  /** Of a backup by the engine `segments`; its rows are then those of the segments, and it has no chunks. */
  readonly segments?: SegmentSet;
  readonly still?: readonly StillMark[];
  /** What an incremental found; absent where the collection was read whole. */
  readonly changes?: RowChanges;
}

export interface CommitInput {
  readonly engine: EngineKind;
  readonly databases: readonly DatabaseDefinition[];
  readonly collections: readonly CollectionIndex[];
  readonly consistency: Consistency;
  readonly warnings: readonly Warning[];
  /** Instead of collections, where a tool keeps the data. */
  readonly tool?: ToolRecord;
}

/** A backup that a tool keeps, as its manifest tells of it. Numbers that the tool did not give are null. */
export interface ToolRecord {
  readonly api: string;
  readonly name: string;
  readonly key?: string | undefined;
  readonly adopted?: boolean | undefined;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly collections: readonly {
    readonly database: string;
    readonly collection: string;
    readonly rows: number | null;
    readonly bytes: number | null;
  }[];
}

/** The top of one backup: the list of its indexes with their hashes. `docs/backup-format.md` has every field. */
export interface Manifest extends BackupDraft {
  readonly engine: EngineKind;
  /** All backups whose files this one borrows. A full has none. */
  readonly refs: readonly string[];
  readonly databases: readonly DatabaseDefinition[];
  readonly collections: readonly ManifestCollection[];
  readonly consistency: Consistency;
  readonly warnings: readonly Warning[];
  readonly rows: number;
  readonly ownBytes: number;
  readonly tool?: ToolRecord | undefined;
}

export interface ManifestCollection {
  readonly database: string;
  readonly collection: string;
  readonly collKey: string;
  readonly indexKey: string;
  readonly indexSha256: string;
  readonly rows: number;
  /** Of all its files, and of those that this backup wrote. */
  readonly bytes: number;
  readonly ownBytes?: number | undefined;
  readonly contentSum: string;
  readonly changes?: RowChanges | undefined;
}

export interface VerifyOptions {
  /** V0 structure, V1 sizes by listing, V2 stored hashes, V3 decode, fingerprints, key order, counts. */
  readonly level: 0 | 1 | 2 | 3;
  readonly signal?: AbortSignal;
  /** Told what was read since the last call. */
  readonly onProgress?: (done: { chunks: number; bytes: number }) => void;
}

export interface Survey {
  readonly backups: readonly Backup[];
  /** Decision records and reports that are damaged: each may hide a backup or a finding. */
  readonly damages: readonly Damage[];
}

export interface CleanupReport {
  /** Backups whose data is gone, with the reason. */
  readonly removed: readonly { readonly id: string; readonly reason: string }[];
  readonly kept: readonly { readonly id: string; readonly reason: string }[];
  readonly failed: readonly { readonly id: string; readonly message: string }[];
  /** Unfinished backups that were given up, and objects that belonged to nothing. */
  readonly abandoned: readonly string[];
  readonly orphans: number;
  /** Plans whose backups all stay, because far more of them would have gone than usual: a person must say so. */
  readonly guarded: readonly Guarded[];
  readonly dryRun: boolean;
}

/** Most backups of one source and plan would have gone at once. */
export interface Guarded {
  readonly sourceId: string;
  readonly plan: string | null;
  readonly wouldGo: number;
  readonly of: number;
}

export interface RetentionRule {
  /** Only backups of this source and plan are judged by this rule; plan null: those taken by hand. */
  readonly sourceId: string;
  readonly plan: string | null;
  readonly policy: RetentionPolicy;
  /** IANA zone that hours, days and weeks are told in. */
  readonly timeZone: string;
}

/**
 * Deletes at its tool what the repository has but the record of, before the record goes. Resolves when it is gone there,
 * also where it was gone already: it may be called again after any fault. Where it rejects, the record stays.
 */
export type ReleaseTool = (engine: EngineKind, tool: ToolBackup) => Promise<void>;

/**
 * One repository. Any number of processes on any number of machines may use it at once.
 * Reading never changes it. Everything written by a backup belongs to that backup's id.
 */
export interface Repository {
  readonly id: string;
  readonly place: string;

  /**
   * The same repository, whose waits for its store end with the signal by its reason; instead of an earlier signal, not
   * beside it. What decides (a commit, a deletion) is not cut short in the middle.
   */
  within(signal: AbortSignal): Repository;

  /**
   * Takes a name in the repository: writes the intent. From here the clean-up knows the id as unfinished, and nobody
   * deletes its base. BASE_GONE where the base is being deleted or is gone already.
   */
  begin(draft: DraftInput): Promise<BackupDraft>;
  /**
   * Stores rows of one partition as one chunk: encodes, decodes again and compares, then puts. Rows must be in strictly
   * rising key order. `seq` and `fence` name the file: `seq` orders the chunks of a collection, `fence` is a number that
   * no other try at the same part has, so that two live writers never share a key.
   */
  putChunk(draft: BackupDraft, input: ChunkInput): Promise<ChunkEntry>;
  /** Stores which rows of some files are no longer there, all in one object, in the order of the input. */
  putDeletions(
    draft: BackupDraft,
    definition: CollectionDefinition,
    marked: readonly { readonly fileRows: number; readonly dead: Uint8Array }[],
  ): Promise<DeletionVector[]>;
  /**
   * Stores a file of Milvus as it is. `seq` and `fence` name it, as those of a chunk do.
   */
  putLog(draft: BackupDraft, input: LogInput): Promise<Pick<SegmentFile, 'key' | 'size' | 'sha256'>>;
  /**
   * Makes the backup exist: writes indexes and manifest, lists everything back with the right sizes, then creates the
   * decision record. BACKUP_ABORTED where a clean-up gave it up first. May be repeated: a second call after a lost
   * answer returns the same backup.
   */
  commit(draft: BackupDraft, input: CommitInput): Promise<Backup>;
  /** Gives an unfinished backup up and removes what it wrote. Fine to repeat; no-op on a committed one (returns false). */
  abandon(draft: UnfinishedRef, reason: string): Promise<boolean>;

  /**
   * All committed, undeleted backups, newest first, from the decision records and reports. A record that cannot be read
   * hides no other one: it is logged here, and told by {@link Repository.survey}.
   */
  list(): Promise<Backup[]>;
  /** The same, and the decision records and reports that are damaged: a health check must ask for these. */
  survey(): Promise<Survey>;
  /** By id or name. BACKUP_NOT_FOUND. A name that several have is CONFLICT, with their ids. */
  find(idOrName: string): Promise<Backup>;
  /** Checked against the decision record's hash. OBJECT_MISSING, OBJECT_DAMAGED. */
  manifest(id: string): Promise<Manifest>;
  index(manifest: Manifest, database: string, collection: string): Promise<CollectionIndex>;
  /** Reads and checks (hash, then decode) one chunk: the rows that are there. OBJECT_MISSING, OBJECT_DAMAGED. */
  readChunk(index: CollectionIndex, chunk: ChunkEntry): Promise<RowBatch>;
  /** The bytes of a file of Milvus, checked against their hash. OBJECT_MISSING, OBJECT_DAMAGED. */
  readLog(file: SegmentFile): Promise<Uint8Array>;
  /** Bit i, lowest first in each byte, is 1 where row i of the file is no longer there. OBJECT_MISSING, OBJECT_DAMAGED. */
  readDeletions(vector: DeletionVector): Promise<Uint8Array>;
  /**
   * Keys and fingerprints of the rows of one partition that are there, by rising key. Faults of a chunk are thrown by
   * `load`: OBJECT_MISSING, OBJECT_DAMAGED.
   */
  liveKeys(index: CollectionIndex, partition: string, range: LiveRange): LiveKeys;

  /**
   * Checks a backup (by id or name) and stores the report beside it. Never changes data. A report that cannot be stored
   * rejects with the fault of the write and the report in its details.
   */
  verify(id: string, options: VerifyOptions): Promise<VerifyReport>;
  /** Adds a proof that was made elsewhere (a drill, level 4). */
  addProof(id: string, proof: Proof, report: Record<string, unknown>): Promise<void>;

  /**
   * Deletes one backup by the tomb protocol. BACKUP_NEEDED where another one borrows from it or holds it, and, without
   * `force`, where it is the last good one of its source and plan.
   */
  remove(id: string, options: { force: boolean }): Promise<void>;
  /**
   * A person's word that a backup (by id or name) must stay: no clean-up and no `remove` takes it. Fine to repeat; the
   * first reason stays. CONFLICT where it is being deleted already.
   */
  hold(id: string, reason: string | null): Promise<Hold>;
  /** Takes the word back. Fine to repeat. */
  release(id: string): Promise<void>;
  /**
   * A restore's word that it reads a backup (by id or name): nobody deletes it before {@link Repository.endReading} or
   * `until`, in milliseconds since 1970. `reader` is any text; a later word of the same reader takes the place of an
   * earlier one. BACKUP_NOT_FOUND where the backup is being deleted. A repository that cannot be written is read all the
   * same, and that is logged.
   */
  beginReading(id: string, reading: { readonly reader: string; readonly until: number }): Promise<void>;
  /** Of a backup by id or name. Fine to repeat. BACKUP_NOT_FOUND. */
  endReading(id: string, reader: string): Promise<void>;
  /** Ids of the backups that somebody began to delete: still listed, and no base for another one. */
  leaving(): Promise<ReadonlySet<string>>;
  /**
   * Retention by the rules, then the removal of what nobody owns. One failing backup never stops the others; a listing
   * that fails or a decision record that cannot be read (OBJECT_DAMAGED) stops all before anything is deleted.
   */
  cleanup(options: CleanupOptions): Promise<CleanupReport>;
  space(): Promise<{ total: number; free: number } | null>;
}

export interface ChunkInput {
  readonly definition: CollectionDefinition;
  readonly partition: string;
  readonly seq: number;
  readonly fence: string;
  readonly batch: RowBatch;
}

export interface LogInput {
  readonly definition: CollectionDefinition;
  readonly seq: number;
  readonly fence: string;
  readonly bytes: Uint8Array;
}

/** Keys k with after < k <= upTo; null is no bound on that side. */
export interface LiveRange {
  readonly after: PrimaryKey | null;
  readonly upTo: PrimaryKey | null;
}

/** A key as it lies in a column: int64, or the UTF-8 bytes of a text. */
export type RawKey = bigint | Uint8Array;

/** One row of a chunk, as the walk over live keys stands on it. Valid until the next `pass`. */
export interface LiveRow {
  /** Place of its chunk in the index, and its own place in the chunk's file. */
  readonly chunk: number;
  readonly row: number;
  readonly key: RawKey;
  /** Whether these 16 bytes at `at` are its fingerprint. */
  hasPrint(prints: Uint8Array, at: number): boolean;
  /** Its fingerprint, put at `at` of a list. */
  copyPrint(into: Uint8Array, at: number): void;
}

/**
 * A walk over the live rows of a partition by rising key. Rows of chunks that begin beyond what was loaded are not seen:
 * call `load` with the last key that `smallest` is asked for. Never holds more than the chunks that overlap there.
 */
export interface LiveKeys {
  load(upTo: PrimaryKey | RawKey | null): Promise<void>;
  smallest(): LiveRow | null;
  /** Steps over the row that `smallest` gave. */
  pass(): void;
}

export interface CleanupOptions {
  readonly rules: readonly RetentionRule[];
  readonly dryRun: boolean;
  /** Removes even where most backups of a plan would go at once. Default false. */
  readonly force?: boolean;
  /** Ids that are being written right now (from the queue): never given up by this clean-up. */
  readonly active: readonly string[];
  /** Unfinished backups younger than this stay. Default 24 h. */
  readonly unfinishedAgeMs?: number;
  readonly signal?: AbortSignal;
}
