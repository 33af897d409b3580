import type { ColumnData, RowBatch } from '@milvault/shared';
import { isMarked } from './deletions.ts';

/** Places of the rows that a bitmap does not mark. */
export function unmarkedRows(dead: Uint8Array, rows: number): number[] {
  const left: number[] = [];
  for (let row = 0; row < rows; row++) if (!isMarked(dead, row)) left.push(row);
  return left;
}

/** A batch of these rows, in this order, in memory of its own: a few rows must not keep a whole page alive. */
export const pickRows = (batch: RowBatch, rows: readonly number[]): RowBatch => ({
  ...batch,
  rows: rows.length,
  columns: batch.columns.map(({ field, data, valid }) => ({
    field,
    data: pickData(data, rows),
    valid: valid === null ? null : pickFrom(valid, rows, new Uint8Array(rows.length)),
  })),
});

function pickData(data: ColumnData, rows: readonly number[]): ColumnData {
  switch (data.kind) {
    case 'fixed':
      return { ...data, bytes: pickFixed(data.bytes, data.width, rows) };
    case 'int32':
      return { kind: 'int32', values: pickFrom(data.values, rows, new Int32Array(rows.length)) };
    case 'int64':
      return { kind: 'int64', values: pickFrom(data.values, rows, new BigInt64Array(rows.length)) };
    case 'float32':
      return { kind: 'float32', values: pickBits(data.values, rows, new Float32Array(rows.length)) };
    case 'float64':
      return { kind: 'float64', values: pickBits(data.values, rows, new Float64Array(rows.length)) };
    case 'bytes':
      return { kind: 'bytes', values: rows.map((row) => new Uint8Array(data.values[row] ?? NOTHING)) };
  }
}

const NOTHING = new Uint8Array();

function pickFrom<T extends Uint8Array | Int32Array | BigInt64Array>(from: T, rows: readonly number[], into: T): T {
  rows.forEach((row, i) => {
    // Both are of one kind by the type, which TypeScript loses for the elements of a union.
    (into as Uint8Array)[i] = (from as Uint8Array)[row] ?? 0;
  });
  return into;
}

/** Through integers: a float that passes through a JavaScript number may lose the bits of a NaN. */
function pickBits<T extends Float32Array | Float64Array>(from: T, rows: readonly number[], into: T): T {
  const width = from.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(from.buffer, from.byteOffset, from.byteLength);
  new Uint8Array(into.buffer).set(pickFixed(bytes, width, rows));
  return into;
}

/** Rows that follow each other are copied at once. */
function pickFixed(bytes: Uint8Array, width: number, rows: readonly number[]): Uint8Array {
  const picked = new Uint8Array(rows.length * width);
  for (let at = 0; at < rows.length;) {
    const from = rows[at] ?? 0;
    let run = 1;
    while (rows[at + run] === from + run) run += 1;
    picked.set(bytes.subarray(from * width, (from + run) * width), at * width);
    at += run;
  }
  return picked;
}
