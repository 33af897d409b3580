import { fail, type DataTypeName, type ExportColumn, type FieldShape } from '@milvault/shared';
import type { ParquetType, SchemaElement } from 'hyparquet';
import { columnElement } from './chunk-layout.ts';

/** How a column looks in the open Parquet files of an export (`docs/export.md`, "Types"). */
export interface OpenColumn {
  readonly field: FieldShape;
  /** Its part of the schema, depth first. */
  readonly elements: readonly SchemaElement[];
  /** Where its values lie: one leaf, or two for a sparse vector. All share their levels. */
  readonly leaves: readonly OpenLeaf[];
  readonly list: boolean;
  /** Definition level of a value that is there. */
  readonly depth: number;
}

export interface OpenLeaf {
  readonly path: readonly string[];
  readonly type: ParquetType;
}

const REQUIRED = { repetition_type: 'REQUIRED' } as const;
const FLOAT: SchemaElement = { name: 'element', type: 'FLOAT', ...REQUIRED };

/** Elements of the types that become lists, besides Array and SparseFloatVector. */
const VECTOR_ELEMENTS: Readonly<Partial<Record<DataTypeName, SchemaElement>>> = {
  FloatVector: FLOAT,
  Float16Vector: FLOAT,
  BFloat16Vector: FLOAT,
  Int8Vector: { name: 'element', type: 'INT32', converted_type: 'INT_8', ...REQUIRED },
};

const SPARSE_ELEMENTS: readonly SchemaElement[] = [
  { name: 'element', num_children: 2, ...REQUIRED },
  { name: 'index', type: 'INT32', converted_type: 'UINT_32', ...REQUIRED },
  { name: 'value', type: 'FLOAT', ...REQUIRED },
];

/**
 * Every column but the primary key may hold nulls, whatever its field says: chunks of one collection may stem from times
 * before and after a field was added, and all files of a collection have one schema.
 */
export function openColumn(field: FieldShape, required: boolean): OpenColumn {
  const elements = listElements(field);
  if (elements === null) {
    const element = columnElement(field, !required);
    const leaves = [{ path: [field.name], type: element.type ?? 'BYTE_ARRAY' }];
    return { field, elements: [element], leaves, list: false, depth: required ? 0 : 1 };
  }
  const inside = elements.length > 1 ? ['list', 'element'] : ['list'];
  return {
    field,
    elements: [
      {
        name: field.name,
        repetition_type: 'OPTIONAL',
        num_children: 1,
        converted_type: 'LIST',
        logical_type: { type: 'LIST' },
      },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      ...elements,
    ],
    leaves: elements.flatMap(({ name, type }) =>
      type === undefined ? [] : [{ path: [field.name, ...inside, name], type }],
    ),
    list: true,
    depth: 2,
  };
}

/** What the list of a field is made of, or null where its values are no lists. */
function listElements(field: FieldShape): readonly SchemaElement[] | null {
  if (field.type === 'SparseFloatVector') return SPARSE_ELEMENTS;
  if (field.type === 'Array')
    return [columnElement({ name: 'element', type: elementTypeOf(field), nullable: false }, false)];
  const element = VECTOR_ELEMENTS[field.type];
  return element === undefined ? null : [element];
}

export function elementTypeOf(field: FieldShape): DataTypeName {
  if (field.elementType !== undefined) return field.elementType;
  throw fail('TYPE_UNSUPPORTED', { what: `The array ${JSON.stringify(field.name)} does not say what it is of` });
}

const NAMES: Readonly<Record<DataTypeName, string>> = {
  Bool: 'bool',
  Int8: 'int8',
  Int16: 'int16',
  Int32: 'int32',
  Int64: 'int64',
  Float: 'float',
  Double: 'double',
  VarChar: 'string',
  Array: 'list',
  JSON: 'json',
  Geometry: 'string',
  Timestamptz: 'string',
  BinaryVector: 'fixed_size_binary',
  FloatVector: 'list<float>',
  Float16Vector: 'list<float>',
  BFloat16Vector: 'list<float>',
  SparseFloatVector: 'list<struct<index: uint32, value: float>>',
  Int8Vector: 'list<int8>',
};

/** A column as `export.json` tells it. */
export function exportColumn(field: FieldShape): ExportColumn {
  const { name, type, elementType, dim } = field;
  return {
    name,
    type,
    ...(elementType === undefined ? {} : { elementType }),
    ...(dim === undefined || dim === 0 ? {} : { dim }),
    parquet: type === 'Array' ? `list<${NAMES[elementTypeOf(field)]}>` : NAMES[type],
  };
}
