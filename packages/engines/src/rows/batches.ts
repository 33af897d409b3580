import { fail, type Column, type ColumnData, type PrimaryKey, type RowBatch } from '@milvault/shared';

const bytesOfData = (data: ColumnData): number => {
  if (data.kind === 'fixed') return data.bytes.byteLength;
  if (data.kind !== 'bytes') return data.values.byteLength;
  let sum = 0;
  for (const value of data.values) sum += value.byteLength;
  return sum;
};

/** Bytes of the values in memory: what budgets and chunk sizes count. */
export const bytesOf = (batch: RowBatch): number =>
  batch.columns.reduce((sum, column) => sum + bytesOfData(column.data) + (column.valid?.byteLength ?? 0), 0);

function sliceData(data: ColumnData, from: number, to: number): ColumnData {
  switch (data.kind) {
    case 'fixed':
      return { ...data, bytes: data.bytes.subarray(from * data.width, to * data.width) };
    case 'int32':
      return { kind: 'int32', values: data.values.subarray(from, to) };
    case 'int64':
      return { kind: 'int64', values: data.values.subarray(from, to) };
    case 'float32':
      return { kind: 'float32', values: data.values.subarray(from, to) };
    case 'float64':
      return { kind: 'float64', values: data.values.subarray(from, to) };
    case 'bytes':
      return { kind: 'bytes', values: data.values.slice(from, to) };
  }
}

/** Rows [from, to) of a batch, sharing its memory. */
export const sliceBatch = (batch: RowBatch, from: number, to: number): RowBatch => ({
  ...batch,
  rows: to - from,
  columns: batch.columns.map((column) => ({
    field: column.field,
    data: sliceData(column.data, from, to),
    valid: column.valid?.subarray(from, to) ?? null,
  })),
});

/** Cuts a batch into pieces of about `bytes`, by its mean row; always at least one row each. */
export function* piecesOf(batch: RowBatch, bytes: number): Generator<RowBatch> {
  const pieces = Math.min(batch.rows, Math.max(1, Math.round(bytesOf(batch) / bytes)));
  for (let i = 0; i < pieces; i++) {
    const [from, to] = [Math.floor((batch.rows * i) / pieces), Math.floor((batch.rows * (i + 1)) / pieces)];
    yield pieces === 1 ? batch : sliceBatch(batch, from, to);
  }
}

type TypedArray = Uint8Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

function joinArrays<T extends TypedArray>(parts: readonly T[], make: (length: number) => T): T {
  const joined = make(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    // The parts are of one kind by the caller's check; TypeScript cannot pair the union's `set` overloads.
    (joined as Uint8Array).set(part as Uint8Array, at);
    at += part.length;
  }
  return joined;
}

function ofKind<K extends ColumnData['kind']>(
  parts: readonly ColumnData[],
  kind: K,
): Extract<ColumnData, { kind: K }>[] {
  return parts.map((part) => {
    if (part.kind !== kind) throw fail('PROTOCOL_VIOLATION', { what: 'Pages of one column differ in kind' });
    return part as Extract<ColumnData, { kind: K }>;
  });
}

function joinData(parts: readonly ColumnData[], first: ColumnData): ColumnData {
  switch (first.kind) {
    case 'fixed': {
      const bytes = ofKind(parts, 'fixed').map((part) => {
        if (part.width === first.width) return part.bytes;
        throw fail('PROTOCOL_VIOLATION', { expected: `vectors of ${first.width} bytes`, got: `${part.width} bytes` });
      });
      return { ...first, bytes: joinArrays(bytes, (length) => new Uint8Array(length)) };
    }
    case 'int32':
      return {
        kind: 'int32',
        values: joinArrays(
          ofKind(parts, 'int32').map((p) => p.values),
          (n) => new Int32Array(n),
        ),
      };
    case 'int64':
      return {
        kind: 'int64',
        values: joinArrays(
          ofKind(parts, 'int64').map((p) => p.values),
          (n) => new BigInt64Array(n),
        ),
      };
    case 'float32':
      return {
        kind: 'float32',
        values: joinArrays(
          ofKind(parts, 'float32').map((p) => p.values),
          (n) => new Float32Array(n),
        ),
      };
    case 'float64':
      return {
        kind: 'float64',
        values: joinArrays(
          ofKind(parts, 'float64').map((p) => p.values),
          (n) => new Float64Array(n),
        ),
      };
    case 'bytes':
      return { kind: 'bytes', values: ofKind(parts, 'bytes').flatMap((part) => part.values) };
  }
}

function joinValid(parts: readonly Column[], rows: readonly number[]): Uint8Array | null {
  if (parts.every((part) => part.valid === null)) return null;
  const all = parts.map((part, i) => part.valid ?? new Uint8Array(rows[i] ?? 0).fill(1));
  return joinArrays(all, (length) => new Uint8Array(length));
}

/** One batch of all rows, in order. Columns are matched by name: a server may give them in another order each time. */
export function joinBatches(batches: readonly RowBatch[]): RowBatch {
  const [first, ...rest] = batches;
  if (first === undefined) throw new RangeError('joinBatches needs a batch');
  if (rest.length === 0) return first;
  const rows = batches.map((batch) => batch.rows);
  const columns = first.columns.map((column): Column => {
    const parts = batches.map((batch) => columnOf(batch, column.field.name));
    return {
      field: column.field,
      data: joinData(
        parts.map((part) => part.data),
        column.data,
      ),
      valid: joinValid(parts, rows),
    };
  });
  return { ...first, rows: rows.reduce((sum, count) => sum + count, 0), columns };
}

/** The column of that name. PROTOCOL_VIOLATION where a page lacks it. */
export function columnOf(batch: RowBatch, name: string): Column {
  const column = batch.columns.find((one) => one.field.name === name);
  if (column === undefined) throw fail('PROTOCOL_VIOLATION', { what: `A page of rows lacks the column ${name}` });
  return column;
}

/** Not TextDecoder: that would drop a leading U+FEFF, which is a part of the key. */
const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');

export function keysOf(batch: RowBatch): PrimaryKey[] {
  const { data } = columnOf(batch, batch.primaryKey);
  if (data.kind === 'int64') return Array.from(data.values);
  if (data.kind === 'bytes') return data.values.map(textOf);
  throw fail('PROTOCOL_VIOLATION', { what: `The primary key is ${data.kind}` });
}

/** The key of one row of the batch. */
export const keyAt = (batch: RowBatch, row: number): PrimaryKey => {
  const [key] = keysOf(sliceBatch({ ...batch, columns: [columnOf(batch, batch.primaryKey)] }, row, row + 1));
  if (key === undefined) throw new RangeError(`no row ${row} in a batch of ${batch.rows}`);
  return key;
};
