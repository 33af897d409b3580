import { columnKindOf, DataType, fail, vectorWidth, type FieldShape } from '@milvault/shared';
import type { SchemaElement } from 'hyparquet';
import { Type, type Static } from 'typebox';
import { FINGERPRINT_BYTES } from './fingerprint.ts';

/** How a chunk is laid out as a Parquet file (`docs/backup-format.md`, "Chunks"). */
export const CHUNK_VERSION = 1;
/** Key of our entry in the Parquet file's own metadata. */
export const CHUNK_METADATA_KEY = 'milvault';
export const FINGERPRINT_COLUMN = '__milvault_fingerprint';
/** Rows are cut into row groups of about this many bytes, so that a range of keys can be read alone. */
export const ROW_GROUP_BYTES = 4 * 1024 * 1024;
/** No chunk holds more: a reader may refuse one that does. */
export const MAX_CHUNK_BYTES = 256 * 1024 * 1024;
/** The file of such a chunk with all that Parquet adds. */
export const MAX_CHUNK_FILE_BYTES = 320 * 1024 * 1024;

const Shape = Type.Object({
  name: Type.String(),
  type: DataType,
  elementType: Type.Optional(DataType),
  dim: Type.Optional(Type.Integer({ minimum: 1 })),
  nullable: Type.Boolean(),
});

/** What the entry {@link CHUNK_METADATA_KEY} holds: all that is needed to read the file alone. */
export const ChunkMetadata = Type.Object({
  version: Type.Literal(CHUNK_VERSION),
  /** Version of the canonical encoding that the fingerprints are of. */
  canonical: Type.Integer({ minimum: 1 }),
  primaryKey: Type.String(),
  fingerprintColumn: Type.String(),
  /** In the order of the file's columns, without the fingerprints. */
  columns: Type.Array(Shape),
});
export type ChunkMetadata = Static<typeof ChunkMetadata>;

const TEXT: Partial<SchemaElement> = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };

const SCALARS: Readonly<Partial<Record<FieldShape['type'], Partial<SchemaElement>>>> = {
  Bool: { type: 'BOOLEAN' },
  Int8: { type: 'INT32', converted_type: 'INT_8' },
  Int16: { type: 'INT32', converted_type: 'INT_16' },
  Int32: { type: 'INT32' },
  Int64: { type: 'INT64' },
  Float: { type: 'FLOAT' },
  Double: { type: 'DOUBLE' },
  VarChar: TEXT,
  Geometry: TEXT,
  Timestamptz: TEXT,
  JSON: { type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' } },
  Array: { type: 'BYTE_ARRAY' },
  SparseFloatVector: { type: 'BYTE_ARRAY' },
};

/** The Parquet column of a field. `optional`: it may hold nulls. */
export function columnElement(field: FieldShape, optional: boolean): SchemaElement {
  const scalar = SCALARS[field.type];
  const physical: Partial<SchemaElement> = scalar ?? { type: 'FIXED_LEN_BYTE_ARRAY', type_length: widthOf(field) };
  return { name: field.name, repetition_type: optional ? 'OPTIONAL' : 'REQUIRED', ...physical };
}

export const fingerprintElement = (name: string): SchemaElement => ({
  name,
  repetition_type: 'REQUIRED',
  type: 'FIXED_LEN_BYTE_ARRAY',
  type_length: FINGERPRINT_BYTES,
});

/** Bytes of one value of a dense vector. */
export function widthOf(field: FieldShape): number {
  if (columnKindOf(field.type) === 'fixed' && field.dim !== undefined) return vectorWidth(field.type, field.dim);
  throw fail('INTERNAL', { what: `The field ${JSON.stringify(field.name)} is no dense vector with a dimension` });
}

/** {@link FINGERPRINT_COLUMN}, made longer where a field has that name already. */
export function fingerprintColumn(fields: readonly FieldShape[]): string {
  const taken = new Set(fields.map((field) => field.name));
  let name = FINGERPRINT_COLUMN;
  while (taken.has(name)) name += '_';
  return name;
}
