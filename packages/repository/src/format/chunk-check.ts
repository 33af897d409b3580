import type { Column, FieldShape, RowBatch } from '@milvault/shared';
import { openChunk, readColumnOf, readPrintsOf } from './chunk-read.ts';
import { pageDiffers } from './chunk-compare.ts';
import { FINGERPRINT_BYTES } from './fingerprint.ts';

/**
 * Reads an encoded chunk and compares every page with the rows that it was made of, bit by bit, where both lie in
 * memory: a copy of all rows would cost more than the comparison. What is wrong, or null where the file is sound.
 */
export function chunkFault(batch: RowBatch, prints: Uint8Array, bytes: Uint8Array): string | null {
  try {
    const opened = openChunk(bytes);
    const { metadata, rows } = opened;
    const { primaryKey, columns } = metadata;
    if (rows !== batch.rows || primaryKey !== batch.primaryKey || columns.length !== batch.columns.length) {
      return 'its rows or columns are not those that it was made of';
    }
    for (const [place, column] of batch.columns.entries()) {
      let same = sameShape(column.field, columns[place]);
      readColumnOf(opened, place, (page) => (same &&= !pageDiffers(column, page)));
      if (!same) return `the column ${JSON.stringify(column.field.name)} came back different`;
    }
    let same = true;
    const stored = printColumn(prints);
    readPrintsOf(opened, (page) => (same &&= !pageDiffers(stored, page)));
    return same ? null : 'the fingerprints came back different';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const sameShape = (a: FieldShape, b: FieldShape | undefined): boolean =>
  a.name === b?.name &&
  a.type === b.type &&
  a.elementType === b.elementType &&
  a.nullable === b.nullable &&
  (a.dim ?? 0) === (b.dim ?? 0);

const printColumn = (bytes: Uint8Array): Column => ({
  field: { name: '', type: 'BinaryVector', nullable: false },
  data: { kind: 'fixed', width: FINGERPRINT_BYTES, bytes },
  valid: null,
});
