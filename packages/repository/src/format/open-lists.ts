import { fail, type Column, type DataTypeName, type FieldShape } from '@milvault/shared';
import { putCanonicalArray } from './canonical-array.ts';
import { pageBody } from './chunk-pages.ts';
import { elementTypeOf } from './open-layout.ts';
import { NULL_LIST } from './open-levels.ts';
import { widenBFloat16, widenFloat16, widenInt8 } from './open-widen.ts';
import { createSink, putBytes, type Sink } from './sink.ts';

/** The lists of some rows: how long each is, and the values of each leaf in Parquet's PLAIN encoding. */
export interface Lists {
  readonly lengths: Int32Array;
  readonly bodies: readonly Uint8Array[];
}

export function listsOf(column: Column, field: FieldShape, from: number, to: number): Lists {
  if (field.type === 'SparseFloatVector') return sparseLists(column, field, from, to);
  if (field.type === 'Array') return arrayLists(column, field, from, to);
  return denseLists(column, field, from, to);
}

const isNull = (column: Column, row: number): boolean => column.valid !== null && column.valid[row] === 0;

const same = (bytes: Uint8Array): Uint8Array => bytes;
const WIDEN: Readonly<Partial<Record<DataTypeName, (bytes: Uint8Array) => Uint8Array>>> = {
  Float16Vector: widenFloat16,
  BFloat16Vector: widenBFloat16,
  Int8Vector: widenInt8,
};

function denseLists(column: Column, field: FieldShape, from: number, to: number): Lists {
  const lengths = new Int32Array(to - from).fill(field.dim ?? 0);
  if (column.valid !== null)
    for (let row = from; row < to; row++) if (isNull(column, row)) lengths[row - from] = NULL_LIST;
  const body = pageBody(column, 'FIXED_LEN_BYTE_ARRAY', from, to);
  return { lengths, bodies: [(WIDEN[field.type] ?? same)(body)] };
}

const PAIR = 8;

/** Pairs of a u32 index and an f32 value, taken apart. */
function sparseLists(column: Column, field: FieldShape, from: number, to: number): Lists {
  const lengths = new Int32Array(to - from);
  const [indexes, values] = [createSink(), createSink()];
  for (let row = from; row < to; row++) {
    const bytes = valueOf(column, row);
    if (bytes === null) {
      lengths[row - from] = NULL_LIST;
      continue;
    }
    if (bytes.length % PAIR !== 0) throw malformed(field, row, `${bytes.length} bytes are no pairs of index and value`);
    lengths[row - from] = bytes.length / PAIR;
    for (let at = 0; at < bytes.length; at += PAIR) {
      putBytes(indexes, bytes, at, at + 4);
      putBytes(values, bytes, at + 4, at + PAIR);
    }
  }
  return { lengths, bodies: [written(indexes), written(values)] };
}

const valueOf = (column: Column, row: number): Uint8Array | null => {
  if (isNull(column, row) || column.data.kind !== 'bytes') return null;
  return column.data.values[row] ?? null;
};

const written = (sink: Sink): Uint8Array => sink.bytes.subarray(0, sink.at);

/** Class that the canonical encoding gives to elements of a type; 0 is an empty array of any. */
const CLASS_OF: Readonly<Partial<Record<DataTypeName, number>>> = {
  Bool: 1,
  Int8: 2,
  Int16: 2,
  Int32: 2,
  Int64: 2,
  Float: 3,
  Double: 4,
};
const TEXT_CLASS = 5;
/** Class and count. */
const HEAD = 5;

/**
 * Arrays by way of their canonical encoding: its elements are Parquet's PLAIN values already, but for bool (a byte each,
 * where Parquet has a bit) and the smaller integers (eight bytes, where Parquet has four).
 */
function arrayLists(column: Column, field: FieldShape, from: number, to: number): Lists {
  const type = elementTypeOf(field);
  const expected = CLASS_OF[type] ?? TEXT_CLASS;
  const lengths = new Int32Array(to - from);
  const [scratch, elements] = [createSink(), createSink()];
  const small = expected === 2 && type !== 'Int64';
  for (let row = from; row < to; row++) {
    const bytes = valueOf(column, row);
    if (bytes === null) {
      lengths[row - from] = NULL_LIST;
      continue;
    }
    scratch.at = 0;
    if (!putCanonicalArray(scratch, bytes)) throw malformed(field, row, 'the bytes are no array');
    const found = scratch.bytes[0] ?? 0;
    if (found !== 0 && found !== expected) throw malformed(field, row, `its elements are no ${type}`);
    lengths[row - from] = scratch.view.getUint32(1, true);
    if (small) for (let at = HEAD; at < scratch.at; at += 8) putBytes(elements, scratch.bytes, at, at + 4);
    else putBytes(elements, scratch.bytes, HEAD, scratch.at);
  }
  return { lengths, bodies: [type === 'Bool' ? packedBools(written(elements)) : written(elements)] };
}

function packedBools(values: Uint8Array): Uint8Array {
  const body = new Uint8Array((values.length + 7) >>> 3);
  values.forEach((value, i) => {
    if (value !== 0) body[i >>> 3] = (body[i >>> 3] ?? 0) | (1 << (i & 7));
  });
  return body;
}

const malformed = (field: FieldShape, row: number, why: string): Error =>
  fail('TYPE_UNSUPPORTED', {
    what: `A value of ${JSON.stringify(field.name)} cannot be written as a list: ${why}`,
    next: 'Leave the collection out; the backup holds the value as Milvus gave it',
    details: { field: field.name, row },
  });
