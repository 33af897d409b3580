import { vectorWidth, type CollectionDefinition, type DataTypeName } from '@milvault/shared';

type FieldDefinition = CollectionDefinition['fields'][number];

const SCALAR_BYTES: Partial<Record<DataTypeName, number>> = {
  Bool: 1,
  Int8: 1,
  Int16: 2,
  Int32: 4,
  Int64: 8,
  Float: 4,
  Double: 8,
  Timestamptz: 28,
};

/** What a text, a JSON value, an array or a sparse vector is taken for until rows were seen. */
const VARIABLE_BYTES = 64;
const SPARSE_BYTES = 400;

function fieldBytes(field: FieldDefinition): number {
  if (field.functionOutput) return 0;
  if (field.type === 'SparseFloatVector') return SPARSE_BYTES;
  if (field.dim !== undefined && field.type.endsWith('Vector')) return vectorWidth(field.type, field.dim);
  return SCALAR_BYTES[field.type] ?? VARIABLE_BYTES;
}

const isFixed = (field: FieldDefinition): boolean =>
  field.functionOutput || SCALAR_BYTES[field.type] !== undefined || (field.dim ?? 0) > 0;

/** Bytes of a row by its schema alone. `exact` where no field may be of any length. */
export function estimateRowBytes(definition: CollectionDefinition): {
  readonly bytes: number;
  readonly exact: boolean;
} {
  const bytes = definition.fields.reduce((sum, field) => sum + fieldBytes(field), 0);
  return { bytes: Math.max(1, bytes), exact: definition.fields.every(isFixed) };
}
