/**
 * Rows in motion: how a page read from Milvus, a chunk of a backup and a batch to insert look in memory.
 *
 * Everything is columnar and dense: each column holds `rows` values, and where `valid` says 0 the value is a
 * placeholder (zero, or empty). Vectors, arrays, JSON and text are never decoded: they are the bytes that Milvus uses.
 */

/** Milvus's data types by their protocol names and numbers (milvus-proto schema.proto, enum DataType). */
export const DATA_TYPES = {
  Bool: 1,
  Int8: 2,
  Int16: 3,
  Int32: 4,
  Int64: 5,
  Float: 10,
  Double: 11,
  VarChar: 21,
  Array: 22,
  JSON: 23,
  Geometry: 24,
  Timestamptz: 26,
  BinaryVector: 100,
  FloatVector: 101,
  Float16Vector: 102,
  BFloat16Vector: 103,
  SparseFloatVector: 104,
  Int8Vector: 105,
} as const;

export type DataTypeName = keyof typeof DATA_TYPES;

/** What is needed to read a column's bytes. */
export interface FieldShape {
  readonly name: string;
  readonly type: DataTypeName;
  /** Type of an Array's elements. */
  readonly elementType?: DataTypeName;
  /** Dimensions of a dense vector (BinaryVector: bits). */
  readonly dim?: number;
  readonly nullable: boolean;
}

/**
 * The values of a column.
 * - `int32`: Bool (0 or 1), Int8, Int16, Int32. `int64`: Int64. `float32`: Float. `float64`: Double.
 * - `fixed`: dense vectors, `width` bytes a row, one after the other, little endian as on Milvus's wire.
 * - `bytes`: VarChar, Geometry, Timestamptz (UTF-8), JSON (text as Milvus gave it), Array (an encoded
 *   milvus.proto.schema.ScalarField message), SparseFloatVector (u32 index, f32 value pairs, little endian).
 */
export type ColumnData =
  | { readonly kind: 'int32'; readonly values: Int32Array }
  | { readonly kind: 'int64'; readonly values: BigInt64Array }
  | { readonly kind: 'float32'; readonly values: Float32Array }
  | { readonly kind: 'float64'; readonly values: Float64Array }
  | { readonly kind: 'fixed'; readonly width: number; readonly bytes: Uint8Array }
  | { readonly kind: 'bytes'; readonly values: readonly Uint8Array[] };

export type ColumnKind = ColumnData['kind'];

export interface Column {
  readonly field: FieldShape;
  readonly data: ColumnData;
  /** One byte a row, 1 = has a value, 0 = null. Null when every row has a value. */
  readonly valid: Uint8Array | null;
}

/** Some rows of one collection: all columns have `rows` values. The column named by `primaryKey` is Int64 or VarChar. */
export interface RowBatch {
  readonly rows: number;
  readonly primaryKey: string;
  readonly columns: readonly Column[];
}

/** A primary key: int64 as bigint, varchar as its UTF-8 text. Ordered by value, or by UTF-8 bytes. */
export type PrimaryKey = bigint | string;

/** JSON has no bigint: int64 keys are written as decimal text beside their type. */
export interface PrimaryKeyRecord {
  readonly type: 'int64' | 'varchar';
  readonly value: string;
}

export const toKeyRecord = (key: PrimaryKey): PrimaryKeyRecord =>
  typeof key === 'bigint' ? { type: 'int64', value: key.toString() } : { type: 'varchar', value: key };

export const fromKeyRecord = (record: PrimaryKeyRecord): PrimaryKey =>
  record.type === 'int64' ? BigInt(record.value) : record.value;

/**
 * Order of keys: int64 by value, varchar by UTF-8 bytes. JavaScript's `<` compares UTF-16 units, which differs from
 * Milvus for characters beyond U+FFFF.
 */
export function compareKeys(a: PrimaryKey, b: PrimaryKey): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(String(a), 'utf8'), Buffer.from(String(b), 'utf8'));
}

/** Which memory layout a type has. */
const KINDS = {
  Bool: 'int32',
  Int8: 'int32',
  Int16: 'int32',
  Int32: 'int32',
  Int64: 'int64',
  Float: 'float32',
  Double: 'float64',
  VarChar: 'bytes',
  Array: 'bytes',
  JSON: 'bytes',
  Geometry: 'bytes',
  Timestamptz: 'bytes',
  BinaryVector: 'fixed',
  FloatVector: 'fixed',
  Float16Vector: 'fixed',
  BFloat16Vector: 'fixed',
  SparseFloatVector: 'bytes',
  Int8Vector: 'fixed',
} as const satisfies Record<DataTypeName, ColumnKind>;

export const columnKindOf = (type: DataTypeName): ColumnKind => KINDS[type];

const BITS_PER_DIMENSION: Partial<Record<DataTypeName, number>> = {
  BinaryVector: 1,
  FloatVector: 32,
  Float16Vector: 16,
  BFloat16Vector: 16,
  Int8Vector: 8,
};

/** Bytes of one row of a dense vector. */
export function vectorWidth(type: DataTypeName, dim: number): number {
  const bits = BITS_PER_DIMENSION[type];
  if (bits === undefined) throw new TypeError(`${type} is not a dense vector`);
  return (dim * bits) / 8;
}
