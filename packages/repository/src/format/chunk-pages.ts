import type { Column, ColumnData } from '@milvault/shared';
import type { ParquetType } from 'hyparquet';

/** The bytes of a typed array, without a copy. */
export const memoryOf = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** Values of rows [from, to) in Parquet's PLAIN encoding, nulls left out. Fixed-width values without nulls are not copied. */
export function pageBody(column: Column, type: ParquetType, from: number, to: number): Uint8Array {
  const { data, valid } = column;
  const present = valid === null ? null : presentRows(valid, from, to);
  if (data.kind === 'bytes')
    return packBytes(present === null ? data.values.slice(from, to) : pick(data.values, present));
  if (type === 'BOOLEAN' && data.kind === 'int32') return packBits(data.values, present ?? range(from, to));
  const { memory, width } = fixedMemory(data);
  return present === null ? memory.subarray(from * width, to * width) : gather(memory, width, present);
}

/** Memory and width of a value of everything but `bytes`. */
export function fixedMemory(data: Exclude<ColumnData, { kind: 'bytes' }>): { memory: Uint8Array; width: number } {
  if (data.kind === 'fixed') return { memory: data.bytes, width: data.width };
  return { memory: memoryOf(data.values), width: data.values.BYTES_PER_ELEMENT };
}

function presentRows(valid: Uint8Array, from: number, to: number): number[] {
  const rows: number[] = [];
  for (let row = from; row < to; row++) if (valid[row] !== 0) rows.push(row);
  return rows;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

const pick = (values: readonly Uint8Array[], rows: readonly number[]): Uint8Array[] =>
  rows.map((row) => values[row] ?? new Uint8Array());

function packBytes(values: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const value of values) size += 4 + value.length;
  const body = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const value of values) {
    body.writeUInt32LE(value.length, at);
    body.set(value, at + 4);
    at += 4 + value.length;
  }
  return body;
}

function packBits(values: Int32Array, rows: readonly number[]): Uint8Array {
  const body = new Uint8Array((rows.length + 7) >>> 3);
  rows.forEach((row, i) => {
    if (values[row] !== 0) body[i >>> 3] = (body[i >>> 3] ?? 0) | (1 << (i & 7));
  });
  return body;
}

function gather(memory: Uint8Array, width: number, rows: readonly number[]): Uint8Array {
  const body = new Uint8Array(rows.length * width);
  rows.forEach((row, i) => {
    body.set(memory.subarray(row * width, row * width + width), i * width);
  });
  return body;
}

/** Where the values of a column are decoded to: dense, zero or empty where a row has none. */
export type ColumnTarget = { readonly data: ColumnData; readonly valid: Uint8Array | null };

const EMPTY = new Uint8Array();

export function columnTarget(kind: ColumnData['kind'], width: number, rows: number, optional: boolean): ColumnTarget {
  const valid = optional ? new Uint8Array(rows).fill(1) : null;
  switch (kind) {
    case 'int32':
      return { valid, data: { kind, values: new Int32Array(rows) } };
    case 'int64':
      return { valid, data: { kind, values: new BigInt64Array(rows) } };
    case 'float32':
      return { valid, data: { kind, values: new Float32Array(rows) } };
    case 'float64':
      return { valid, data: { kind, values: new Float64Array(rows) } };
    case 'fixed':
      return { valid, data: { kind, width, bytes: new Uint8Array(rows * width) } };
    case 'bytes':
      return { valid, data: { kind, values: new Array<Uint8Array>(rows).fill(EMPTY) } };
  }
}

/** One page of a column, decompressed. */
export interface PageValues {
  readonly type: ParquetType;
  /** The values of the rows that have one, in Parquet's PLAIN encoding. */
  readonly body: Uint8Array;
  /** Its first row in the chunk, and how many it holds. */
  readonly from: number;
  readonly count: number;
  /** 1 for each row that has a value; null where all have. */
  readonly levels: Uint8Array | null;
}

/** Puts a page where its rows are in the target. */
export function readPageBody(target: ColumnTarget, { type, body, from, count, levels }: PageValues): void {
  if (levels !== null) target.valid?.set(levels, from);
  const { data } = target;
  const row = (i: number): boolean => levels === null || levels[i] === 1;
  let at = 0;
  if (data.kind === 'bytes') at = readBytesValues(data.values as Uint8Array[], body, from, count, row);
  else if (type === 'BOOLEAN' && data.kind === 'int32') {
    let bit = 0;
    for (let i = 0; i < count; i++) {
      if (!row(i)) continue;
      data.values[from + i] = ((body[bit >>> 3] ?? 0) >>> (bit & 7)) & 1;
      bit += 1;
    }
    at = (bit + 7) >>> 3;
  } else at = readFixedValues(data, body, from, count, levels);
  if (at !== body.length) throw new Error(`a page of ${body.length} bytes holds values of ${at} bytes`);
}

function readFixedValues(
  data: Exclude<ColumnData, { kind: 'bytes' }>,
  body: Uint8Array,
  from: number,
  count: number,
  levels: Uint8Array | null,
): number {
  const { memory, width } = fixedMemory(data);
  if (levels === null) {
    if (body.length === count * width) memory.set(body, from * width);
    return count * width;
  }
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (levels[i] !== 1) continue;
    memory.set(body.subarray(at, at + width), (from + i) * width);
    at += width;
  }
  return at;
}

/** The values are views of the page: they keep it in memory as long as one of them lives. */
function readBytesValues(
  values: Uint8Array[],
  body: Uint8Array,
  from: number,
  count: number,
  has: (i: number) => boolean,
): number {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (!has(i)) continue;
    const length = view.getUint32(at, true);
    if (at + 4 + length > body.length) throw new Error('a value reaches beyond its page');
    values[from + i] = new Uint8Array(body.buffer, body.byteOffset + at + 4, length);
    at += 4 + length;
  }
  return at;
}
