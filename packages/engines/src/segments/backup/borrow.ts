import type { CollectionIndex, SegmentEntry } from '@milvault/repository';
import type { MilvusFile, PlannedFile, PlannedSegment } from '../parts.ts';

/** A segment beside the base. */
export interface Compared {
  readonly planned: PlannedSegment;
  /** The same segment in the base, where it is there as it is now; null: files of it have to be copied. */
  readonly kept: SegmentEntry | null;
}

export type Compare = (segment: Omit<PlannedSegment, 'files'>, files: readonly MilvusFile[]) => Compared;

/** Looks up segments in the index that a base has of their collection. */
export function compareWith(lent: CollectionIndex | null): Compare {
  const known = new Map(lent?.segments?.list.map((segment) => [segment.id, segment]));
  return (segment, files) => {
    const before = known.get(segment.id);
    const planned = { ...segment, files: borrowFiles(files, before) };
    const isSame = before !== undefined && isKept(planned, before, lent?.segments?.upTo ?? null);
    return { planned, kept: isSame ? before : null };
  };
}

/** Milvus writes a file once and never changes it: one with the same number and size in the same segment is the same. */
const borrowFiles = (files: readonly MilvusFile[], lent?: SegmentEntry): PlannedFile[] =>
  files.map((file) => ({
    ...file,
    borrowed:
      lent?.files.find((one) => one.field === file.field && one.log === file.log && one.size === file.size) ?? null,
  }));

/** Nothing was added, and nothing in it is later than the base: what is left of its rows is what was left then. */
const isKept = (segment: PlannedSegment, lent: SegmentEntry, lentUpTo: string | null): boolean =>
  segment.rows === lent.rows &&
  segment.partition === lent.partition &&
  segment.files.length === lent.files.length &&
  segment.files.every(
    ({ borrowed }) => borrowed !== null && lentUpTo !== null && BigInt(borrowed.to) <= BigInt(lentUpTo),
  );
