import type { Moment } from '@milvault/milvus';
import type { ChunkEntry, StillMark } from '@milvault/repository';
import type { CollectionDefinition, PrimaryKeyRecord, RowChanges } from '@milvault/shared';
import type { BackupPart, BackupPartResult, BackupPlan, PlannedCollection, RestorePart, RestorePlan } from '../port.ts';

/** What plans, parts and results of this engine hold beyond what every engine's do. All of it is plain JSON. */

export interface RowsPlan extends BackupPlan {
  readonly collections: readonly RowsCollection[];
  readonly parts: readonly RowsPart[];
  readonly quiesced: boolean;
}

export interface RowsCollection extends PlannedCollection {
  /** What the server said of each partition before it was read; null where it does not tell. */
  readonly still: readonly StillMark[] | null;
  /** Partitions that are as they were in the base, and are not read. '' is the whole. */
  readonly unchanged: readonly string[];
  /** Whether it borrows from the base of the plan. */
  readonly borrows: boolean;
}

/** Some key ranges of one partition of one collection. */
export interface RowsPart extends BackupPart {
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
  /** The backup whose rows are compared; null where all rows are stored. */
  readonly base: string | null;
}

export interface RowsPartResult extends BackupPartResult {
  /** As chunks name it: '' for a whole collection. */
  readonly partition: string;
  readonly chunks: readonly ChunkEntry[];
  /** Physical rows of the part that a newer row with the same key hides: each is proved by a count of the saved keys. */
  readonly shadowed: number;
  /** What became of the base's rows in this range, by chunk; null where there is no base. */
  readonly borrowed: readonly BorrowedRows[] | null;
  readonly changes: RowChanges | null;
  /** By the server's clock: all pages had come by then. Null where it has none. */
  readonly readBy: Moment | null;
}

/** The rows of one chunk of the base that lie in the range of one part. */
export interface BorrowedRows {
  /** Place of the chunk in the base's index. */
  readonly chunk: number;
  readonly kept: number;
  /** Content sum of the kept ones. */
  readonly keptSum: string;
  /** Rows that are gone or replaced now: their number, and which, as `encodeDeletions` writes it, base64. */
  readonly gone: number;
  readonly marks: string | null;
}

export interface RowsRestorePlan extends RestorePlan {
  readonly parts: readonly RowsRestorePart[];
}

export interface RowsRestorePart extends RestorePart {
  /** Places of its chunks in the collection's index. */
  readonly chunks: readonly number[];
}
