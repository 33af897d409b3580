import { compareKeys, fail, type Column, type PrimaryKey, type RowBatch } from '@milvault/shared';

/** The column of the primary key. INTERNAL where the batch has none that can be a key. */
export function keyColumn(batch: RowBatch): Column {
  const column = batch.columns.find((one) => one.field.name === batch.primaryKey);
  if (column !== undefined && (column.field.type === 'Int64' || column.field.type === 'VarChar')) return column;
  throw fail('INTERNAL', { what: `The rows have no primary key column ${JSON.stringify(batch.primaryKey)}` });
}

/** The first row whose key does not come after the key before it, or null where all keys rise. */
export function firstUnordered({ data }: Column): number | null {
  if (data.kind === 'int64') {
    const { values } = data;
    for (let row = 1; row < values.length; row++) if ((values[row] ?? 0n) <= (values[row - 1] ?? 0n)) return row;
    return null;
  }
  if (data.kind !== 'bytes') return 0;
  for (let row = 1; row < data.values.length; row++) {
    const [before, after] = [data.values[row - 1], data.values[row]];
    if (before === undefined || after === undefined || Buffer.compare(before, after) >= 0) return row;
  }
  return null;
}

/** A key as an index writes it: int64 as decimal digits, varchar as its text. */
export function keyText({ data }: Column, row: number): string {
  if (data.kind === 'int64') return String(data.values[row] ?? 0n);
  return data.kind === 'bytes' ? Buffer.from(data.values[row] ?? []).toString('utf8') : '';
}

export const parseKeyText = (type: 'Int64' | 'VarChar', text: string): PrimaryKey =>
  type === 'Int64' ? BigInt(text) : text;

/** Compares two keys of an index. */
export const compareKeyTexts = (type: 'Int64' | 'VarChar', a: string, b: string): number =>
  compareKeys(parseKeyText(type, a), parseKeyText(type, b));
