import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import type { MessageSpec } from '../../../packages/milvus/src/protocol/message.ts';
import * as messages from '../../../packages/milvus/src/protocol/messages.ts';
import { METHODS } from '../../../packages/milvus/src/protocol/methods.ts';
import {
  ARRAY_DATA,
  ARRAY_ELEMENT_TYPE,
  FIELD_DATA,
  SLOTS,
  SPARSE_DIM,
  VECTOR_DIM,
} from '../../../packages/milvus/src/columns/slots.ts';
import { WRITE_FIELDS } from '../../../packages/milvus/src/calls/write.ts';
import { DATA_TYPES } from '@milvault/shared';
import { oracle } from './oracle.ts';

const specs: MessageSpec[] = Object.values(messages);
/** Entries of maps have no descriptor of their own. */
const isMapEntry = (spec: MessageSpec): boolean => spec.name.endsWith('Entry');

function typeOf(field: protobuf.Field): string {
  if (field.resolvedType instanceof protobuf.Enum) return 'enum';
  return field.resolvedType === null ? field.type : field.resolvedType.fullName.slice(1);
}

describe('Our schema of the protocol', () => {
  it.each(specs.filter((spec) => !isMapEntry(spec)).map((spec) => [spec.name, spec] as const))(
    'has the field names, numbers, types and rules of %s',
    (name, spec) => {
      const known = oracle.lookupType(name);
      for (const [field, { id, type, repeated }] of Object.entries(spec.fields)) {
        const theirs = known.fields[field];
        expect(theirs?.id, `${name}.${field}`).toBe(id);
        if (theirs instanceof protobuf.MapField) {
          expect(repeated && typeof type !== 'string' && isMapEntry(type)).toBe(true);
          continue;
        }
        expect(theirs?.repeated, `${name}.${field}`).toBe(repeated);
        const ours = typeof type === 'string' ? type : type.name;
        // The schema of a collection is kept as its bytes, which look the same on the wire.
        const kept = name.endsWith('DescribeCollectionResponse') && field === 'schema';
        expect(kept ? 'bytes' : typeOf(theirs!), `${name}.${field}`).toBe(ours);
      }
    },
  );

  it('calls methods that exist, with the messages that they take and give', () => {
    const service = oracle.lookupService('milvus.proto.milvus.MilvusService');
    for (const method of Object.values(METHODS)) {
      const theirs = service.methods[method.name];
      theirs?.resolve();
      expect(theirs?.resolvedRequestType?.fullName, method.name).toBe(`.${method.request.name}`);
      expect(theirs?.resolvedResponseType?.fullName, method.name).toBe(`.${method.reply.name}`);
    }
  });

  it('knows the numbers of the data types', () => {
    expect(oracle.lookupEnum('milvus.proto.schema.DataType').values).toMatchObject(DATA_TYPES);
  });

  it('finds and puts columns where the protocol has them', () => {
    const fields = (name: string): Record<string, protobuf.Field> => oracle.lookupType(name).fields;
    const data = fields('milvus.proto.schema.FieldData');
    const { type, fieldName, scalars, vectors, isDynamic, validData } = data;
    expect([type?.id, fieldName?.id, scalars?.id, vectors?.id, isDynamic?.id, validData?.id]).toEqual(
      Object.values(FIELD_DATA),
    );
    const scalar = fields('milvus.proto.schema.ScalarField');
    const vector = fields('milvus.proto.schema.VectorField');
    expect(vector['dim']?.id).toBe(VECTOR_DIM);
    expect(fields('milvus.proto.schema.SparseFloatArray')['dim']?.id).toBe(SPARSE_DIM);
    expect(fields('milvus.proto.schema.ArrayArray')['elementType']?.id).toBe(ARRAY_ELEMENT_TYPE);
    expect(fields('milvus.proto.schema.ArrayArray')['data']?.id).toBe(ARRAY_DATA);
    expect(fields('milvus.proto.schema.SparseFloatArray')['contents']?.id).toBe(ARRAY_DATA);
    const names = {
      Bool: 'boolData',
      Int8: 'intData',
      Int16: 'intData',
      Int32: 'intData',
      Int64: 'longData',
      Float: 'floatData',
      Double: 'doubleData',
      VarChar: 'stringData',
      Array: 'arrayData',
      JSON: 'jsonData',
      Geometry: 'geometryWktData',
      Timestamptz: 'stringData',
      FloatVector: 'floatVector',
      BinaryVector: 'binaryVector',
      Float16Vector: 'float16Vector',
      BFloat16Vector: 'bfloat16Vector',
      SparseFloatVector: 'sparseFloatVector',
      Int8Vector: 'int8Vector',
    } as const;
    for (const [name, slot] of Object.entries(SLOTS)) {
      const field = names[name as keyof typeof names];
      expect((slot.family === 'scalars' ? scalar : vector)[field]?.id, name).toBe(slot.number);
    }
  });

  it.each(['InsertRequest', 'UpsertRequest'])('puts the parts of %s where the protocol has them', (name) => {
    const known = oracle.lookupType(`milvus.proto.milvus.${name}`).fields;
    for (const [field, id] of Object.entries(WRITE_FIELDS)) expect(known[field]?.id, field).toBe(id);
  });
});
