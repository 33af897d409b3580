import type { CollectionDefinition, DatabaseDefinition, PrimaryKey, RowBatch, Secret } from '@milvault/shared';

/** How to reach one Milvus. */
export interface MilvusAddress {
  /** host:port. */
  readonly address: string;
  readonly tls: boolean;
  /** `user:password` or an API token; sent base64 in the `authorization` header. */
  readonly credentials: Secret | null;
}

export interface ServerInfo {
  readonly version: string;
  /** True for Milvus Lite: no ids, no timestamps, every query scans the whole collection, count(*) without `expr` ignores partitions. */
  readonly lite: boolean;
  readonly databases: boolean;
}

/** A collection to speak of. `collectionId` is sent with reads where the server knows it, so that a dropped and recreated one is noticed. */
export interface CollectionRef {
  readonly database: string;
  readonly collection: string;
}

/** Keys k with after < k <= upTo; null is no bound on that side. `within: null` reads all keys. */
export interface KeyRange {
  readonly after: PrimaryKey | null;
  readonly upTo: PrimaryKey | null;
}

export interface ReadRequest {
  readonly definition: CollectionDefinition;
  /** Null where the collection has a partition key: such a collection is read whole. */
  readonly partition: string | null;
  readonly range: KeyRange;
  /**
   * A moment that {@link MilvusClient.moment} gave: what was acknowledged before it is seen for certain. Without it the
   * server is asked for its newest state and lets every query wait for it (measured on 2.3.5: some 200 ms each, which
   * reads 100,000 rows at a fifth of the speed).
   */
  readonly moment?: Moment | null;
  /**
   * Take the way of the server that loses nothing where several rows have one key: Milvus 2.3.5 leaves other rows out of
   * an answer without limit then (measured: of twenty keys in a growing segment four came). It costs nothing, but is
   * only for ranges of less than {@link CAREFUL_ROWS} physical rows: a reply of so many is PageTooLarge. Keys are split
   * by pages. No difference on Milvus Lite, which keeps one row of each key.
   */
  readonly careful?: boolean;
  readonly signal: AbortSignal;
}

/** Milvus's largest limit: physical rows that a range of a careful read may hold. */
export const CAREFUL_ROWS = 16_384;

/** A moment by the server's own clock: its hybrid timestamp, decimal. */
export type Moment = string;

/** Long ago: the server answers with what it has at hand and waits for nothing. For estimates. */
export const ANY_MOMENT: Moment = '1';

/** One reply: rows of exactly the asked range, sorted by key, duplicates by key dropped (first kept). */
export interface Page {
  readonly batch: RowBatch;
  /** Bytes of the reply on the wire: what a throughput is measured in. */
  readonly wireBytes: number;
  /** Rows of the reply that had a key which the page already held. */
  readonly duplicates: number;
}

/**
 * A connection to one Milvus. Speaks its protocol, knows nothing of backups. Faults are MilvaultErrors of the SOURCE_ and
 * COLLECTION_ families; reads are retried inside where that is safe, writes never are.
 */
export interface MilvusClient {
  readonly address: string;
  server(signal?: AbortSignal): Promise<ServerInfo>;

  /** Now, by the server's clock; null where it does not tell (Milvus Lite, or without the right to ask). */
  moment(signal?: AbortSignal): Promise<Moment | null>;

  databases(signal?: AbortSignal): Promise<DatabaseDefinition[]>;
  collections(database: string, signal?: AbortSignal): Promise<string[]>;
  hasCollection(ref: CollectionRef, signal?: AbortSignal): Promise<boolean>;
  /** COLLECTION_NOT_FOUND, DATABASE_NOT_FOUND. A field type that we do not know is TYPE_UNSUPPORTED with its number. */
  describe(ref: CollectionRef, signal?: AbortSignal): Promise<CollectionDefinition>;
  /** Strong count(*) of a collection, a partition or a key range, unless a moment is given: counts physical rows, duplicates included. */
  count(request: Omit<ReadRequest, 'range'> & { readonly range?: KeyRange }): Promise<number>;
  /** Strong count(*) of the rows that have one of these keys. */
  countKeys(request: Omit<ReadRequest, 'range'>, keys: readonly PrimaryKey[]): Promise<number>;

  /**
   * Upper bounds that cut the keys of a partition, or of a range of it, into ranges of about `rowsPerRange` rows, rising,
   * without the last (which is open, or ends where the given range ends). Bounds are a plan, not a promise: rows may
   * come and go, and a range holds whatever it holds.
   */
  splitKeys(
    request: Omit<ReadRequest, 'range'> & { readonly range?: KeyRange },
    rowsPerRange: number,
    expectedRows: number,
  ): Promise<PrimaryKey[]>;
  /**
   * Every row of a key range in one reply, without limit or offset, so that no server order is relied on. A reply that
   * is too large for the server's or our limits rejects with PageTooLarge (halve the range); a single row that is,
   * with ROW_TOO_LARGE. COLLECTION_NOT_LOADED, COLLECTION_NOT_FOUND, COLLECTION_CHANGED (another field type, a partition
   * that is gone). Known gap: Milvus 2.3 counts a row with the int64 key 2^63-1 and never gives it in a query.
   */
  read(request: ReadRequest): Promise<Page>;

  createDatabase(definition: DatabaseDefinition, signal?: AbortSignal): Promise<void>;
  /**
   * Creates the collection (not its partitions, indexes, aliases), without its time to live: set that by `setProperties`
   * when all rows are in. TARGET_EXISTS (also for a name that is an alias). TARGET_UNSUPPORTED where the server refuses
   * it, or silently makes something less: then it is dropped again.
   */
  createCollection(definition: CollectionDefinition, options: CreateOptions, signal?: AbortSignal): Promise<void>;
  /** Fine to repeat. */
  createPartition(ref: CollectionRef, partition: string, signal?: AbortSignal): Promise<void>;
  createIndex(ref: CollectionRef, index: CollectionDefinition['indexes'][number], signal?: AbortSignal): Promise<void>;
  /** TARGET_EXISTS where the alias belongs to another collection (on Milvus Lite also where it belongs to this one). */
  createAlias(ref: CollectionRef, alias: string, signal?: AbortSignal): Promise<void>;
  alterAlias(ref: CollectionRef, alias: string, signal?: AbortSignal): Promise<void>;
  setProperties(
    ref: CollectionRef,
    properties: CollectionDefinition['properties'],
    signal?: AbortSignal,
  ): Promise<void>;
  /** Takes properties off; one that is not there is fine. SOURCE_REJECTED where the server cannot (before Milvus 2.5). */
  removeProperties(ref: CollectionRef, keys: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Asks for a load and does not wait for it: `load` does. */
  startLoad(ref: CollectionRef, signal?: AbortSignal): Promise<void>;
  load(ref: CollectionRef, partitions: readonly string[] | null, signal?: AbortSignal): Promise<void>;
  release(ref: CollectionRef, signal?: AbortSignal): Promise<void>;
  flush(ref: CollectionRef, signal?: AbortSignal): Promise<void>;
  /**
   * Segments whose rows lie in the server's storage; what was acknowledged before a flush is among them, what came after
   * may not be. SOURCE_UNSUPPORTED on Milvus Lite.
   */
  persistentSegments(ref: CollectionRef, signal?: AbortSignal): Promise<PersistentSegment[]>;
  /**
   * Asks the server to take in log files that lie in its own storage (Milvus 2.3: Import with `backup`), and does not
   * wait for it. Gives the id of the task. Not retried: after a lost answer `imports` tells whether it was heard.
   */
  startImport(ref: CollectionRef, files: ImportFiles, signal?: AbortSignal): Promise<string>;
  /** All imports into a collection that the server remembers. SOURCE_UNSUPPORTED on Milvus Lite. */
  imports(ref: CollectionRef, signal?: AbortSignal): Promise<ImportTask[]>;
  /** Milvus Lite releases the collection by it. */
  rename(ref: CollectionRef, collection: string, signal?: AbortSignal): Promise<void>;
  drop(ref: CollectionRef, signal?: AbortSignal): Promise<void>;
  dropDatabase(name: string, signal?: AbortSignal): Promise<void>;

  /**
   * Inserts or upserts rows in as many requests as the server's limits ask for. Not retried: a lost answer is
   * SOURCE_UNREACHABLE, and the caller decides (repeat an `upsert`, never an `insert`).
   */
  write(request: WriteRequest): Promise<{ rows: number; wireBytes: number }>;
  /** Nearest neighbours of one stored vector by the field's index: proves that a collection can be searched. Returns primary keys. */
  search(request: SearchRequest): Promise<PrimaryKey[]>;
  close(): void;
}

export interface PersistentSegment {
  /** Decimal, as the ids of its collection and its partition. */
  readonly id: string;
  readonly collectionId: string;
  readonly partitionId: string;
  /** Null where it belongs to none that exists. */
  readonly partition: string | null;
  /** Rows that were inserted into it: deletions do not count. */
  readonly rows: number;
  /** It holds no rows, but deletions of rows of other segments (Milvus 2.4 and later). */
  readonly onlyDeletions: boolean;
}

export interface ImportFiles {
  readonly partition: string;
  /** Folders in the server's own storage, as the server names them. The second may be empty. */
  readonly insertLogs: string;
  readonly deltaLogs: string;
  /** Rows and deletions after this millisecond are passed over; null: none is. */
  readonly upToMs: number | null;
}

export interface ImportTask {
  /** Decimal. */
  readonly id: string;
  readonly state: 'working' | 'done' | 'failed';
  readonly rows: number;
  readonly percent: number;
  /** What the server says of a failure; empty otherwise. */
  readonly reason: string;
  /** The folder that `insertLogs` was. */
  readonly insertLogs: string;
}

export interface CreateOptions {
  /**
   * Keep the keys of an auto-id collection. `property`: by `allow_insert_auto_id` where the server honours it;
   * `plain`: as a collection without auto ids, where it does not. `imported`: rows come with their keys by an import,
   * which every server lets through.
   */
  readonly autoId: 'property' | 'plain' | 'imported';
}

export interface WriteRequest {
  readonly definition: CollectionDefinition;
  readonly partition: string | null;
  readonly batch: RowBatch;
  readonly mode: 'insert' | 'upsert';
  readonly signal: AbortSignal;
}

export interface SearchRequest {
  readonly definition: CollectionDefinition;
  readonly field: string;
  /** One row of that field as stored. */
  readonly vector: Uint8Array;
  readonly limit: number;
  readonly signal: AbortSignal;
}
