import type { Column, DataTypeName, RowBatch } from '@milvault/shared';

/** Readers take a row group as the unit of their work, and hold one in memory; so do we while we write it. */
const OPEN_GROUP_BYTES = 16 * 1024 * 1024;

/** How much larger values may be in an open file than in memory. Small integers of an array are one byte there. */
const GROWTH: Readonly<Partial<Record<DataTypeName, number>>> = {
  Float16Vector: 2,
  BFloat16Vector: 2,
  Int8Vector: 4,
  Array: 4,
};

export function openRowsPerGroup(batch: RowBatch): number {
  const bytes = batch.columns.reduce((sum, column) => sum + columnBytes(column), 0);
  return Math.max(1, Math.floor((batch.rows * OPEN_GROUP_BYTES) / Math.max(bytes, 1)));
}

function columnBytes({ data, field }: Column): number {
  const growth = GROWTH[field.type] ?? 1;
  if (data.kind === 'fixed') return data.bytes.length * growth;
  if (data.kind === 'bytes') return data.values.reduce((sum, value) => sum + value.length * growth + 4, 0);
  return data.values.byteLength;
}
