import { fail, type CollectionDefinition, type FieldShape } from '@milvault/shared';
import type { KeyField } from '../keys/expression.ts';

export type FieldDefinition = CollectionDefinition['fields'][number];

export function primaryKeyOf(definition: CollectionDefinition): FieldDefinition {
  const field = definition.fields.find((one) => one.primaryKey);
  if (field === undefined) {
    throw fail('PROTOCOL_VIOLATION', { what: `Collection ${definition.collection} has no primary key` });
  }
  return field;
}

export function keyFieldOf(definition: CollectionDefinition): KeyField {
  const { name, type } = primaryKeyOf(definition);
  if (type !== 'Int64' && type !== 'VarChar') {
    throw fail('TYPE_UNSUPPORTED', { what: `The primary key ${name} has the type ${type}` });
  }
  return { name, type };
}

/** What is read and written: all but what the server computes by itself. */
export const storedFields = (definition: CollectionDefinition): FieldDefinition[] =>
  definition.fields.filter((field) => !field.functionOutput);

export const shapeOf = (field: FieldDefinition): FieldShape => ({
  name: field.name,
  type: field.type,
  ...(field.elementType === undefined ? {} : { elementType: field.elementType }),
  ...(field.dim === undefined ? {} : { dim: field.dim }),
  nullable: field.nullable,
});
