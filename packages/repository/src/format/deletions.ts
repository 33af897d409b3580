import { compress } from '@cloudpss/zstd';
import { decompressed } from './zstd.ts';

/**
 * Which rows of a file are no longer there (`docs/backup-format.md`, "Deletions"): one bit a row, lowest bit first, 1 for
 * a row that is gone, as one zstd frame.
 */
const LEVEL = 3;

export const bitmapBytes = (rows: number): number => Math.ceil(rows / 8);

export const isMarked = (bitmap: Uint8Array, row: number): boolean =>
  ((bitmap[row >>> 3] ?? 0) & (1 << (row & 7))) !== 0;

export function mark(bitmap: Uint8Array, row: number): void {
  bitmap[row >>> 3] = (bitmap[row >>> 3] ?? 0) | (1 << (row & 7));
}

export function countMarks(bitmap: Uint8Array): number {
  let marks = 0;
  for (const byte of bitmap) for (let bits = byte; bits !== 0; bits &= bits - 1) marks += 1;
  return marks;
}

export const encodeDeletions = (bitmap: Uint8Array): Uint8Array => compress(bitmap, LEVEL);

/** Throws a plain Error where the frame holds no bitmap of so many rows. */
export function decodeDeletions(frame: Uint8Array, rows: number): Uint8Array {
  const bitmap = decompressed(frame, bitmapBytes(rows));
  for (let row = rows; row < bitmap.length * 8; row++) {
    if (isMarked(bitmap, row)) throw new Error(`it marks row ${row} of ${rows}`);
  }
  return bitmap;
}
