import type { SegmentEntry } from '@milvault/repository';
import type { MilvusFile, PlannedFile, PlannedSegment } from '../parts.ts';

/** Milvus writes a file once and never changes it: one with the same number and size in the same segment is the same. */
export const borrowFiles = (files: readonly MilvusFile[], lent?: SegmentEntry): PlannedFile[] =>
  files.map((file) => ({
    ...file,
    borrowed:
      lent?.files.find((one) => one.field === file.field && one.log === file.log && one.size === file.size) ?? null,
  }));

/** Nothing was added, and nothing in it is later than the base: what is left of its rows is what was left then. */
export const isKept = (segment: PlannedSegment, lent: SegmentEntry, lentUpTo: string | null): boolean =>
  segment.rows === lent.rows &&
  segment.partition === lent.partition &&
  segment.files.length === lent.files.length &&
  segment.files.every(
    ({ borrowed }) => borrowed !== null && lentUpTo !== null && BigInt(borrowed.to) <= BigInt(lentUpTo),
  );
