import type { PlannedSegment } from '../parts.ts';

/** What one worker copies in one go: small enough to be tried again. */
const PART_BYTES = 64 * 1024 * 1024;
/** Each part has so many numbers for its files. */
export const FILES_PER_PART = 10_000;
/** Milvus adds delta logs while a part waits for its worker. */
const FILES_PLANNED = FILES_PER_PART / 2;

/** Segments put together into parts of about equal size. */
export function groupSegments(segments: readonly PlannedSegment[]): PlannedSegment[][] {
  const groups: PlannedSegment[][] = [];
  let [bytes, files] = [0, 0];
  for (const segment of segments) {
    const size = ownBytes(segment);
    const last = groups.at(-1);
    if (last === undefined || bytes + size > PART_BYTES || files + segment.files.length > FILES_PLANNED) {
      groups.push([segment]);
      [bytes, files] = [size, segment.files.length];
    } else {
      last.push(segment);
      bytes += size;
      files += segment.files.length;
    }
  }
  return groups;
}

const ownBytes = ({ files }: PlannedSegment): number =>
  files.reduce((sum, file) => sum + (file.borrowed === null ? file.size : 0), 0);
