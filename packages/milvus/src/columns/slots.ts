import type { DataTypeName } from '@milvault/shared';

/**
 * Where a type's values lie inside a FieldData message (milvus-proto schema.proto): `scalars` (3) or `vectors` (4),
 * then the slot of that message. `packed`: one run of numbers; `rows`: one length-delimited entry a row;
 * `raw`: the dense vectors themselves, without a message around them.
 */
export interface Slot {
  readonly family: 'scalars' | 'vectors';
  readonly number: number;
  readonly layout: 'varint' | 'float32' | 'float64' | 'rows' | 'raw';
}

/** Numbers of the fields of FieldData. */
export const FIELD_DATA = { type: 1, name: 2, scalars: 3, vectors: 4, dynamic: 6, valid: 7 } as const;

/** Newer protocols may put `valid_data` beside the values instead of into FieldData. */
export const NESTED_VALID = { scalars: 17, vectors: 9 } as const;

export const VECTOR_DIM = 1;
export const SPARSE_DIM = 2;
export const ARRAY_ELEMENT_TYPE = 2;
/** `data` of every array message, `contents` of SparseFloatArray. */
export const ARRAY_DATA = 1;

const scalar = (number: number, layout: Slot['layout']): Slot => ({ family: 'scalars', number, layout });
const vector = (number: number, layout: Slot['layout']): Slot => ({ family: 'vectors', number, layout });

export const SLOTS: Readonly<Record<DataTypeName, Slot>> = {
  Bool: scalar(1, 'varint'),
  Int8: scalar(2, 'varint'),
  Int16: scalar(2, 'varint'),
  Int32: scalar(2, 'varint'),
  Int64: scalar(3, 'varint'),
  Float: scalar(4, 'float32'),
  Double: scalar(5, 'float64'),
  VarChar: scalar(6, 'rows'),
  Array: scalar(8, 'rows'),
  JSON: scalar(9, 'rows'),
  Geometry: scalar(12, 'rows'),
  Timestamptz: scalar(6, 'rows'),
  FloatVector: vector(2, 'float32'),
  BinaryVector: vector(3, 'raw'),
  Float16Vector: vector(4, 'raw'),
  BFloat16Vector: vector(5, 'raw'),
  SparseFloatVector: vector(6, 'rows'),
  Int8Vector: vector(7, 'raw'),
};
