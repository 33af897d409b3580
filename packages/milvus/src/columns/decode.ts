import {
  DATA_TYPES,
  fail,
  vectorWidth,
  type Column,
  type ColumnData,
  type DataTypeName,
  type FieldShape,
} from '@milvault/shared';
import { joinedPayload, payloadsOf, WireReader } from '../protocol/wire.ts';
import { ARRAY_DATA, FIELD_DATA, NESTED_VALID, SLOTS, VECTOR_DIM, type Slot } from './slots.ts';
import { decodeInt32s, decodeInt64s } from './varint.ts';
import { emptyArrayOf } from './array.ts';

/** One column of a reply, found but not decoded yet. */
export interface FieldData {
  readonly name: string;
  /** Number of the data type; null where there is no column because there are no rows. */
  readonly type: number | null;
  /** The ScalarField or VectorField message. */
  readonly scalars: Uint8Array;
  readonly vectors: Uint8Array;
  readonly valid: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** The column that a reply without rows may leave out. */
export const absentColumn = (name: string): FieldData => ({
  name,
  type: null,
  scalars: NOTHING,
  vectors: NOTHING,
  valid: NOTHING,
});

/** Opens a FieldData message; its columns stay views of `bytes`. */
export function openFieldData(bytes: Uint8Array): FieldData {
  const reader = new WireReader(bytes);
  let type = 0;
  let name = '';
  while (reader.next()) {
    if (reader.field === FIELD_DATA.type) type = reader.varint();
    else if (reader.field === FIELD_DATA.name) name = Buffer.from(reader.payload()).toString('utf8');
    else reader.skip();
  }
  return {
    name,
    type,
    scalars: joinedPayload(bytes, FIELD_DATA.scalars),
    vectors: joinedPayload(bytes, FIELD_DATA.vectors),
    valid: joinedPayload(bytes, FIELD_DATA.valid),
  };
}

const wrongCount = (field: FieldShape, expected: string, got: string): Error =>
  fail('PROTOCOL_VIOLATION', {
    what: `Milvus answered a column of the wrong length for field ${field.name}`,
    expected,
    got,
  });

/** Text types of the protocol that mean the same as ours: an old String is a VarChar. */
const STRING = 20;
const sameType = (type: DataTypeName, got: number | null): boolean =>
  got === null || DATA_TYPES[type] === got || (type === 'VarChar' && got === STRING);

/** How many rows a key column holds: the number that all other columns must agree with. */
export function rowsOf(data: FieldData, field: FieldShape): number {
  const values = decodeValues(data, field);
  return lengthOf(values);
}

const lengthOf = (data: ColumnData): number =>
  data.kind === 'fixed' ? data.bytes.length / data.width : data.values.length;

/**
 * A column of `rows` values. COLLECTION_CHANGED where its type or dimension is not the definition's; PROTOCOL_VIOLATION
 * where the values, or the marks of nulls, are not `rows` many.
 */
export function decodeColumn(data: FieldData, field: FieldShape, rows: number): Column {
  checkType(data, field);
  const valid = decodeValid(data, field, rows);
  const values = decodeValues(data, field);
  const present = valid === null ? rows : countOnes(valid);
  const length = lengthOf(values);
  // Null rows come as placeholders (scalars) or not at all (vectors of newer servers): both are made dense.
  if (length !== rows && length !== present) {
    throw wrongCount(field, `${rows} rows, ${present} of them not null`, `${length}`);
  }
  const dense = valid === null || length === rows ? values : spread(values, valid);
  return { field, data: blankNulls(withEmptyArrays(dense, field, valid), valid), valid };
}

function checkType(data: FieldData, field: FieldShape): void {
  if (!sameType(field.type, data.type)) {
    throw fail('COLLECTION_CHANGED', {
      what: `Field ${field.name} has another type than when the collection was described`,
      expected: field.type,
      got: `type ${data.type}`,
    });
  }
}

const countOnes = (valid: Uint8Array): number => {
  let count = 0;
  for (let i = 0; i < valid.length; i++) count += valid[i] ?? 0;
  return count;
};

function decodeValid(data: FieldData, field: FieldShape, rows: number): Uint8Array | null {
  const { family } = SLOTS[field.type];
  const marks = data.valid.length > 0 ? data.valid : joinedPayload(data[family], NESTED_VALID[family]);
  if (marks.length === 0) return null;
  if (marks.length !== rows) throw wrongCount(field, `${rows} marks of nulls`, `${marks.length}`);
  const valid = Uint8Array.from(marks, (mark) => (mark === 0 ? 0 : 1));
  return valid.includes(0) ? valid : null;
}

function decodeValues(data: FieldData, field: FieldShape): ColumnData {
  const slot = SLOTS[field.type];
  const content = joinedPayload(data[slot.family], slot.number);
  switch (slot.layout) {
    case 'rows':
      return { kind: 'bytes', values: payloadsOf(content, ARRAY_DATA) };
    case 'raw':
      return denseVectors(data, field, content);
    case 'varint': {
      const packed = joinedPayload(content, ARRAY_DATA);
      return field.type === 'Int64'
        ? { kind: 'int64', values: decodeInt64s(packed) }
        : { kind: 'int32', values: decodeInt32s(packed) };
    }
    case 'float32':
    case 'float64':
      return floats(data, field, slot, joinedPayload(content, ARRAY_DATA));
  }
}

function floats(data: FieldData, field: FieldShape, slot: Slot, packed: Uint8Array): ColumnData {
  if (slot.family === 'vectors') return denseVectors(data, field, packed);
  const size = slot.layout === 'float32' ? 4 : 8;
  if (packed.length % size !== 0) throw wrongCount(field, `whole values of ${size} bytes`, `${packed.length} bytes`);
  // A copy, because typed arrays must be aligned and a place in a reply is not.
  const aligned = new Uint8Array(packed).buffer;
  return size === 4
    ? { kind: 'float32', values: new Float32Array(aligned) }
    : { kind: 'float64', values: new Float64Array(aligned) };
}

function denseVectors(data: FieldData, field: FieldShape, bytes: Uint8Array): ColumnData {
  const width = vectorWidth(field.type, field.dim ?? 0);
  const dim = vectorDim(data.vectors);
  if (bytes.length > 0 && dim !== field.dim) {
    throw fail('COLLECTION_CHANGED', {
      what: `Field ${field.name} has another dimension than when the collection was described`,
      expected: `${field.dim}`,
      got: `${dim}`,
    });
  }
  if (bytes.length % width !== 0) throw wrongCount(field, `whole vectors of ${width} bytes`, `${bytes.length} bytes`);
  return { kind: 'fixed', width, bytes };
}

function vectorDim(vectors: Uint8Array): number {
  const reader = new WireReader(vectors);
  let dim = 0;
  while (reader.next()) {
    if (reader.field === VECTOR_DIM) dim = reader.varint();
    else reader.skip();
  }
  return dim;
}

/** Values of the rows that are not null, moved to their places. */
function spread(data: ColumnData, valid: Uint8Array): ColumnData {
  const rows = valid.length;
  let from = 0;
  switch (data.kind) {
    case 'fixed': {
      const bytes = new Uint8Array(rows * data.width);
      for (let row = 0; row < rows; row++) {
        if (valid[row] === 1) {
          bytes.set(data.bytes.subarray(from * data.width, (from + 1) * data.width), row * data.width);
          from += 1;
        }
      }
      return { kind: 'fixed', width: data.width, bytes };
    }
    case 'bytes':
      return {
        kind: 'bytes',
        values: Array.from(valid, (mark) => (mark === 1 ? (data.values[from++] ?? NOTHING) : NOTHING)),
      };
    case 'int64': {
      const values = new BigInt64Array(rows);
      for (let row = 0; row < rows; row++) if (valid[row] === 1) values[row] = data.values[from++] ?? 0n;
      return { kind: 'int64', values };
    }
    case 'int32':
      return { kind: 'int32', values: spreadNumbers(data.values, new Int32Array(rows), valid) };
    case 'float32':
      return { kind: 'float32', values: spreadNumbers(data.values, new Float32Array(rows), valid) };
    case 'float64':
      return { kind: 'float64', values: spreadNumbers(data.values, new Float64Array(rows), valid) };
  }
}

function spreadNumbers<T extends Int32Array | Float32Array | Float64Array>(packed: T, into: T, valid: Uint8Array): T {
  let from = 0;
  for (let row = 0; row < valid.length; row++) if (valid[row] === 1) into[row] = packed[from++] ?? 0;
  return into;
}

/** A server may send an array without elements as an empty message: given the one form that inserting accepts. */
function withEmptyArrays(data: ColumnData, field: FieldShape, valid: Uint8Array | null): ColumnData {
  if (field.type !== 'Array' || data.kind !== 'bytes' || field.elementType === undefined) return data;
  const empty = emptyArrayOf(field.elementType);
  const values = data.values.map((value, row) => (value.length === 0 && valid?.[row] !== 0 ? empty : value));
  return { kind: 'bytes', values };
}

/** What a server puts in the place of a null differs: zero here, so that equal rows have equal bytes. */
function blankNulls(data: ColumnData, valid: Uint8Array | null): ColumnData {
  if (valid === null) return data;
  switch (data.kind) {
    case 'fixed': {
      const bytes = data.bytes.slice();
      valid.forEach((mark, row) => mark === 0 && bytes.fill(0, row * data.width, (row + 1) * data.width));
      return { ...data, bytes };
    }
    case 'bytes':
      return { kind: 'bytes', values: data.values.map((value, row) => (valid[row] === 0 ? NOTHING : value)) };
    case 'int64':
      valid.forEach((mark, row) => mark === 0 && (data.values[row] = 0n));
      return data;
    case 'int32':
    case 'float32':
    case 'float64':
      valid.forEach((mark, row) => mark === 0 && (data.values[row] = 0));
      return data;
  }
}
