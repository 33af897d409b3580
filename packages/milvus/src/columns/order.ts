import { fail, type Column, type ColumnData, type PrimaryKey, type RowBatch } from '@milvault/shared';

/** The keys of a batch, for comparing rows without making a value of each. */
export interface KeyColumn {
  readonly rows: number;
  at(row: number): PrimaryKey;
  /** Order of two rows: int64 by value, varchar by UTF-8 bytes. */
  compare(a: number, b: number): number;
}

export function keyColumnOf(column: Column): KeyColumn {
  const { data } = column;
  if (data.kind === 'int64') return int64Keys(data.values);
  if (data.kind === 'bytes' && column.field.type === 'VarChar') return varcharKeys(data.values);
  throw fail('PROTOCOL_VIOLATION', {
    what: `Field ${column.field.name} cannot be a primary key`,
    expected: 'Int64 or VarChar',
    got: column.field.type,
  });
}

function int64Keys(values: BigInt64Array): KeyColumn {
  const high = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const low = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  return {
    rows: values.length,
    at: (row) => values[row] ?? 0n,
    compare: (a, b) => (high[2 * a + 1] ?? 0) - (high[2 * b + 1] ?? 0) || (low[2 * a] ?? 0) - (low[2 * b] ?? 0),
  };
}

function varcharKeys(values: readonly Uint8Array[]): KeyColumn {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const none = new Uint8Array(0);
  return {
    rows: values.length,
    at: (row) => {
      try {
        return text.decode(values[row]);
      } catch (cause) {
        throw fail('PROTOCOL_VIOLATION', { what: 'Milvus answered a key that is not UTF-8 text', cause });
      }
    },
    compare: (a, b) => Buffer.compare(values[a] ?? none, values[b] ?? none),
  };
}

/** Rows in key order, each key once (the first of the reply stays); `duplicates` counts the dropped ones. */
export function orderRows(batch: RowBatch, keys: KeyColumn): { batch: RowBatch; duplicates: number } {
  if (isStrictlyRising(keys)) return { batch, duplicates: 0 };
  const order = Uint32Array.from({ length: keys.rows }, (_, row) => row);
  // Equal keys keep the order of the reply, whatever the engine's sort does.
  order.sort((a, b) => keys.compare(a, b) || a - b);
  const kept = order.filter((row, place) => place === 0 || keys.compare(order[place - 1] ?? 0, row) !== 0);
  return { batch: pickRows(batch, kept), duplicates: keys.rows - kept.length };
}

function isStrictlyRising(keys: KeyColumn): boolean {
  for (let row = 1; row < keys.rows; row++) if (keys.compare(row - 1, row) >= 0) return false;
  return true;
}

function pickRows(batch: RowBatch, rows: Uint32Array): RowBatch {
  return {
    ...batch,
    rows: rows.length,
    columns: batch.columns.map((column) => ({
      ...column,
      data: pickValues(column.data, rows),
      valid: column.valid === null ? null : pickNumbers(column.valid, new Uint8Array(rows.length), rows),
    })),
  };
}

function pickValues(data: ColumnData, rows: Uint32Array): ColumnData {
  switch (data.kind) {
    case 'fixed': {
      const { width } = data;
      const bytes = new Uint8Array(rows.length * width);
      rows.forEach((row, place) => bytes.set(data.bytes.subarray(row * width, (row + 1) * width), place * width));
      return { kind: 'fixed', width, bytes };
    }
    case 'bytes':
      return { kind: 'bytes', values: Array.from(rows, (row) => data.values[row] ?? new Uint8Array(0)) };
    case 'int64': {
      const values = new BigInt64Array(rows.length);
      rows.forEach((row, place) => (values[place] = data.values[row] ?? 0n));
      return { kind: 'int64', values };
    }
    case 'int32':
      return { kind: 'int32', values: pickNumbers(data.values, new Int32Array(rows.length), rows) };
    case 'float32':
      return { kind: 'float32', values: pickNumbers(data.values, new Float32Array(rows.length), rows) };
    case 'float64':
      return { kind: 'float64', values: pickNumbers(data.values, new Float64Array(rows.length), rows) };
  }
}

function pickNumbers<T extends Uint8Array | Int32Array | Float32Array | Float64Array>(
  from: T,
  into: T,
  rows: Uint32Array,
): T {
  rows.forEach((row, place) => (into[place] = from[row] ?? 0));
  return into;
}
