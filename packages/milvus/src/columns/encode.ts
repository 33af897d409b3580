import { DATA_TYPES, type Column, type FieldShape } from '@milvault/shared';
import { delimited, joinRopes, repeatedField, rope, textField, varintField, type Rope } from '../protocol/wire.ts';
import { ARRAY_DATA, ARRAY_ELEMENT_TYPE, FIELD_DATA, SLOTS, SPARSE_DIM, VECTOR_DIM } from './slots.ts';
import { encodeInt32s, encodeInt64s } from './varint.ts';

export interface ColumnRules {
  /** Send a mark for each row: a nullable field, and one with a default value (else the default would be taken). */
  readonly marks: boolean;
  /** `$meta`. */
  readonly dynamic: boolean;
}

/**
 * Rows [from, to) of a column as a FieldData message in the form that Insert takes: rows that are null are left out of
 * the values and only marked (a query's answer has placeholders there, which Insert refuses), and the field is known by
 * its name alone, because ids differ between collections. Vectors are not copied.
 */
export function encodeColumn(column: Column, rules: ColumnRules, from: number, to: number): Rope {
  const { field } = column;
  const slot = SLOTS[field.type];
  const dim = slot.family === 'vectors' ? dimOf(column, from, to) : 0;
  // Inside `scalars` the number of `dim` would be a slot: it is zero there, and zero is not sent.
  const family = joinRopes(varintField(VECTOR_DIM, dim), delimited(slot.number, contentOf(column, dim, from, to)));
  return joinRopes(
    varintField(FIELD_DATA.type, DATA_TYPES[field.type]),
    textField(FIELD_DATA.name, field.name),
    delimited(FIELD_DATA[slot.family], family),
    varintField(FIELD_DATA.dynamic, rules.dynamic ? 1 : 0),
    rules.marks ? delimited(FIELD_DATA.valid, rope(marksOf(column.valid, from, to))) : rope(),
  );
}

/** The slot's message: an array message with its one field, or bare bytes. */
function contentOf({ data, valid, field }: Column, dim: number, from: number, to: number): Rope {
  switch (data.kind) {
    case 'int32':
      return packed(encodeInt32s(data.values, valid, from, to));
    case 'int64':
      return packed(encodeInt64s(data.values, valid, from, to));
    case 'float32':
    case 'float64':
      return packed(fixedRows(bytesOf(data.values), data.values.BYTES_PER_ELEMENT, valid, from, to));
    case 'fixed': {
      const vectors = fixedRows(data.bytes, data.width, valid, from, to);
      return SLOTS[field.type].layout === 'raw' ? rope(vectors) : packed(vectors);
    }
    case 'bytes':
      return byteRows(field, dim, present(data.values, valid, from, to));
  }
}

const packed = (bytes: Uint8Array): Rope => (bytes.length === 0 ? rope() : delimited(ARRAY_DATA, rope(bytes)));

const bytesOf = (values: Float32Array | Float64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function byteRows(field: FieldShape, dim: number, values: readonly Uint8Array[]): Rope {
  const rows = repeatedField(ARRAY_DATA, values);
  if (field.type === 'Array') return joinRopes(rows, varintField(ARRAY_ELEMENT_TYPE, elementNumber(field)));
  if (field.type === 'SparseFloatVector') return joinRopes(rows, varintField(SPARSE_DIM, dim));
  return rows;
}

const elementNumber = (field: FieldShape): number =>
  field.elementType === undefined ? 0 : DATA_TYPES[field.elementType];

const present = (values: readonly Uint8Array[], valid: Uint8Array | null, from: number, to: number): Uint8Array[] => {
  const rows = values.slice(from, to);
  return valid === null ? rows : rows.filter((_, row) => valid[from + row] === 1);
};

/** Fixed-width rows without the null ones: a view where none is null. */
function fixedRows(bytes: Uint8Array, width: number, valid: Uint8Array | null, from: number, to: number): Uint8Array {
  if (valid === null) return bytes.subarray(from * width, to * width);
  const rows: Uint8Array[] = [];
  for (let row = from; row < to; row++) {
    if (valid[row] === 1) rows.push(bytes.subarray(row * width, (row + 1) * width));
  }
  return Buffer.concat(rows);
}

const marksOf = (valid: Uint8Array | null, from: number, to: number): Uint8Array =>
  valid === null ? new Uint8Array(to - from).fill(1) : valid.subarray(from, to);

/** Bytes of one entry of a sparse vector: index u32, value f32. */
const SPARSE_ENTRY = 8;

/** Dimension of a dense vector; of sparse ones the largest index of these rows plus one. */
function dimOf({ field, data }: Column, from: number, to: number): number {
  if (data.kind !== 'bytes') return field.dim ?? 0;
  let dim = 0;
  for (const row of data.values.slice(from, to)) {
    const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
    for (let at = 0; at + SPARSE_ENTRY <= row.length; at += SPARSE_ENTRY) {
      dim = Math.max(dim, view.getUint32(at, true) + 1);
    }
  }
  return dim;
}
