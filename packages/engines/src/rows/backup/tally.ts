import {
  addContentSums,
  bitmapBytes,
  contentSum,
  encodeDeletions,
  FINGERPRINT_BYTES,
  mark,
  type CollectionIndex,
  type LiveRow,
} from '@milvault/repository';
import { fail } from '@milvault/shared';
import type { BorrowedRows } from '../parts.ts';

/** Notes what becomes of the base's rows, by chunk. */
export interface Tally {
  kept(row: LiveRow): void;
  gone(row: LiveRow): void;
  result(): BorrowedRows[];
}

/** Fingerprints are summed up so many at a time. */
const BATCH = 256;

interface Count {
  kept: number;
  gone: number;
  sum: string;
  /** Fingerprints of kept rows that are not in the sum yet. */
  readonly prints: Uint8Array;
  waiting: number;
  marks: Uint8Array | null;
}

export function createTally({ chunks }: Pick<CollectionIndex, 'chunks'>): Tally {
  const counts = new Map<number, Count>();
  const countOf = (chunk: number): Count => {
    const known = counts.get(chunk);
    if (known !== undefined) return known;
    const count: Count = {
      kept: 0,
      gone: 0,
      sum: addContentSums(),
      prints: new Uint8Array(BATCH * FINGERPRINT_BYTES),
      waiting: 0,
      marks: null,
    };
    counts.set(chunk, count);
    return count;
  };
  const sumUp = (count: Count): void => {
    count.sum = addContentSums(count.sum, contentSum(count.prints.subarray(0, count.waiting * FINGERPRINT_BYTES)));
    count.waiting = 0;
  };
  const rowsOf = (chunk: number): number => {
    const entry = chunks[chunk];
    if (entry === undefined) throw fail('INTERNAL', { what: `The base has no chunk ${chunk}` });
    return entry.deletions?.fileRows ?? entry.rows;
  };
  return {
    kept(row) {
      const count = countOf(row.chunk);
      row.copyPrint(count.prints, count.waiting * FINGERPRINT_BYTES);
      count.kept += 1;
      count.waiting += 1;
      if (count.waiting === BATCH) sumUp(count);
    },
    gone(row) {
      const count = countOf(row.chunk);
      count.gone += 1;
      count.marks ??= new Uint8Array(bitmapBytes(rowsOf(row.chunk)));
      mark(count.marks, row.row);
    },
    result: () =>
      [...counts].map(([chunk, count]) => {
        sumUp(count);
        const marks = count.marks === null ? null : Buffer.from(encodeDeletions(count.marks)).toString('base64');
        return { chunk, kept: count.kept, keptSum: count.sum, gone: count.gone, marks };
      }),
  };
}
