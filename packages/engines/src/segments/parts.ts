import type { SegmentEntry, SegmentFile, SegmentSet } from '@milvault/repository';
import type { CollectionDefinition } from '@milvault/shared';
import type { BackupPart, BackupPartResult, BackupPlan, PlannedCollection, RestorePart, RestorePlan } from '../port.ts';

/** What plans, parts and results of this engine hold beyond what every engine's do. All of it is plain JSON. */

export interface SegmentsPlan extends BackupPlan {
  readonly collections: readonly SegmentsCollection[];
  readonly parts: readonly SegmentsPart[];
}

export interface SegmentsCollection extends PlannedCollection {
  readonly upTo: string | null;
  readonly fields: SegmentSet['fields'];
  /** Segments that are in the base as they are now: nothing of them is read. */
  readonly kept: readonly SegmentEntry[];
  /** Why what was listed may not be exactly what the server held at `upTo`; null where it is. */
  readonly doubt: string | null;
}

/** Some segments of one collection. */
export interface SegmentsPart extends BackupPart {
  readonly definition: CollectionDefinition;
  readonly upTo: string | null;
  readonly fields: SegmentSet['fields'];
  readonly segments: readonly PlannedSegment[];
}

export interface PlannedSegment extends Pick<SegmentEntry, 'id' | 'partition' | 'rows'> {
  readonly files: readonly PlannedFile[];
}

/** A file in Milvus's storage. */
export interface MilvusFile extends Pick<SegmentFile, 'field' | 'log' | 'size'> {
  readonly source: string;
}

export interface PlannedFile extends MilvusFile {
  /** The same file, where the base has it. */
  readonly borrowed: SegmentFile | null;
}

export interface SegmentsPartResult extends BackupPartResult {
  readonly segments: readonly SegmentEntry[];
}

/** How the rows of a collection come back: by the server's Import of its own files, or inserted row by row. */
export type RestoreWay = 'import' | 'rows';

export interface SegmentsRestorePlan extends RestorePlan {
  readonly parts: readonly SegmentsRestorePart[];
  /** Of each collection. */
  readonly ways: readonly RestoreWay[];
  /** Names the temporary files of this restore in the target's storage. */
  readonly token: string;
}

export interface SegmentsRestorePart extends RestorePart {
  readonly partition: string;
  readonly way: RestoreWay;
  /** Places of its segments in the collection's index. */
  readonly segments: readonly number[];
}
