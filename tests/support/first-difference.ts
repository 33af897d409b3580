import type { Column, RowBatch } from '@milvault/shared';
import { fixedMemory } from '../../packages/repository/src/format/chunk-pages.ts';

/** The name of the first column in which two batches differ by even one bit, or null where they are the same rows. */
export function firstDifference(a: RowBatch, b: RowBatch): string | null {
  if (a.rows !== b.rows || a.primaryKey !== b.primaryKey || a.columns.length !== b.columns.length) return '';
  for (const [i, column] of a.columns.entries()) {
    const other = b.columns[i];
    if (other === undefined || !sameColumn(column, other, a.rows)) return column.field.name;
  }
  return null;
}

function sameColumn(a: Column, b: Column, rows: number): boolean {
  const { field } = a;
  const sameShape =
    field.name === b.field.name &&
    field.type === b.field.type &&
    field.elementType === b.field.elementType &&
    field.nullable === b.field.nullable &&
    (field.dim ?? 0) === (b.field.dim ?? 0);
  if (!sameShape) return false;
  if (a.valid === null && b.valid === null) return sameValues(a, b, rows);
  for (let row = 0; row < rows; row++) {
    const has = a.valid?.[row] !== 0;
    if (has !== (b.valid?.[row] !== 0)) return false;
    if (has && !sameValue(a, b, row)) return false;
  }
  return true;
}

function sameValues(a: Column, b: Column, rows: number): boolean {
  if (a.data.kind !== 'bytes' && b.data.kind !== 'bytes') {
    return Buffer.compare(fixedMemory(a.data).memory, fixedMemory(b.data).memory) === 0;
  }
  for (let row = 0; row < rows; row++) if (!sameValue(a, b, row)) return false;
  return true;
}

function sameValue(a: Column, b: Column, row: number): boolean {
  if (a.data.kind === 'bytes' && b.data.kind === 'bytes') {
    const [left, right] = [a.data.values[row], b.data.values[row]];
    return left !== undefined && right !== undefined && Buffer.compare(left, right) === 0;
  }
  if (a.data.kind === 'bytes' || b.data.kind === 'bytes') return false;
  const [left, right] = [fixedMemory(a.data), fixedMemory(b.data)];
  const from = row * left.width;
  return (
    left.width === right.width &&
    Buffer.compare(left.memory.subarray(from, from + left.width), right.memory.subarray(from, from + left.width)) === 0
  );
}
