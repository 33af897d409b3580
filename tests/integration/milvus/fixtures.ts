import { randomUUID } from 'node:crypto';
import { createMilvusClient, type MilvusClient } from '@milvault/milvus';
import {
  columnKindOf,
  systemClock,
  DATA_TYPES,
  type CollectionDefinition,
  type Column,
  type DataTypeName,
  type RowBatch,
} from '@milvault/shared';
import { encodeByOracle } from '../../unit/milvus/oracle.ts';

export const signal = new AbortController().signal;
export const ALL = { after: null, upTo: null };

export const connect = (address: string): MilvusClient =>
  createMilvusClient({ address, tls: false, credentials: null }, { clock: systemClock });

export interface FieldWish {
  readonly name: string;
  readonly type: DataTypeName;
  readonly elementType?: DataTypeName;
  readonly params?: Readonly<Record<string, string | number>>;
  readonly primary?: boolean;
  readonly autoId?: boolean;
  readonly partitionKey?: boolean;
  readonly nullable?: boolean;
  readonly defaultValue?: object;
}

export interface CollectionWish {
  readonly fields: readonly FieldWish[];
  readonly dynamic?: boolean;
  readonly properties?: CollectionDefinition['properties'];
  readonly partitions?: number;
}

/** The definition of a collection under a random name, as if it had been described: its schema is encoded by the SDK. */
export function definitionOf({
  fields,
  dynamic = false,
  properties = [],
  partitions = 0,
}: CollectionWish): CollectionDefinition {
  const collection = `test_${randomUUID().replaceAll('-', '')}`;
  const schema = encodeByOracle('milvus.proto.schema.CollectionSchema', {
    name: 'another name',
    description: 'made by a test',
    enableDynamicField: dynamic,
    fields: fields.map((field, place) => ({
      fieldID: 100 + place,
      name: field.name,
      dataType: DATA_TYPES[field.type],
      ...(field.elementType === undefined ? {} : { elementType: DATA_TYPES[field.elementType] }),
      isPrimaryKey: field.primary === true,
      autoID: field.autoId === true,
      isPartitionKey: field.partitionKey === true,
      nullable: field.nullable === true,
      ...(field.defaultValue === undefined ? {} : { defaultValue: field.defaultValue }),
      typeParams: Object.entries(field.params ?? {}).map(([key, value]) => ({ key, value: String(value) })),
    })),
  });
  return {
    database: 'default',
    collection,
    description: '',
    collectionId: '',
    schema: Buffer.from(schema).toString('base64'),
    fields: fields.map((field) => ({
      name: field.name,
      type: field.type,
      nullable: field.nullable === true,
      primaryKey: field.primary === true,
      autoId: field.autoId === true,
      partitionKey: field.partitionKey === true,
      hasDefault: field.defaultValue !== undefined,
      dynamic: false,
      functionOutput: false,
    })),
    shards: 1,
    consistencyLevel: 2,
    properties,
    partitionKeyMode: fields.some((field) => field.partitionKey),
    partitions: Array.from({ length: partitions }, (_, i) => ({ name: `_default_${i}`, loaded: false })),
    indexes: [],
    aliases: [],
    loaded: false,
  };
}

export interface Made {
  readonly client: MilvusClient;
  /** As the server describes it, loaded. */
  readonly definition: CollectionDefinition;
}

/** Creates the collection, indexes its vectors, loads it, runs the test, and drops it whatever happens. */
export async function withCollection(
  address: string,
  wish: CollectionWish,
  test: (made: Made) => Promise<void>,
  autoId: 'plain' | 'property' = 'property',
): Promise<void> {
  const client = connect(address);
  const wanted = definitionOf(wish);
  try {
    await client.createCollection(wanted, { autoId });
    for (const field of wish.fields) {
      const params = INDEXES[field.type];
      if (params === undefined) continue;
      const pairs = Object.entries(params).map(([key, value]) => ({ key, value }));
      await client.createIndex(wanted, { field: field.name, name: `by_${field.name}`, params: pairs });
    }
    await client.load(wanted, null);
    await test({ client, definition: await client.describe(wanted) });
  } finally {
    if (await client.hasCollection(wanted)) await client.drop(wanted);
    client.close();
  }
}

const INDEXES: Partial<Record<DataTypeName, Record<string, string>>> = {
  FloatVector: { index_type: 'FLAT', metric_type: 'L2' },
  Float16Vector: { index_type: 'FLAT', metric_type: 'L2' },
  BFloat16Vector: { index_type: 'FLAT', metric_type: 'L2' },
  BinaryVector: { index_type: 'BIN_FLAT', metric_type: 'HAMMING' },
  SparseFloatVector: { index_type: 'SPARSE_INVERTED_INDEX', metric_type: 'IP' },
};

type Values = readonly unknown[];

/** One column of the batch by its field of the definition; `null` marks a null. */
export function columnOf(field: CollectionDefinition['fields'][number], values: Values): Column {
  const shape = {
    name: field.name,
    type: field.type,
    ...(field.elementType === undefined ? {} : { elementType: field.elementType }),
    ...(field.dim === undefined ? {} : { dim: field.dim }),
    nullable: field.nullable,
  };
  const valid = values.includes(null) ? Uint8Array.from(values, (value) => (value === null ? 0 : 1)) : null;
  return { field: shape, data: dataOf(field, values), valid };
}

function dataOf({ type }: CollectionDefinition['fields'][number], values: Values): Column['data'] {
  const kind = columnKindOf(type);
  switch (kind) {
    case 'int32':
      return { kind, values: Int32Array.from(values as number[]) };
    case 'int64':
      return { kind, values: BigInt64Array.from(values.map((value) => (value as bigint | null) ?? 0n)) };
    case 'float32':
      return { kind, values: Float32Array.from(values as number[]) };
    case 'float64':
      return { kind, values: Float64Array.from(values as number[]) };
    case 'fixed': {
      const width = (values.find((value) => value !== null) as Uint8Array).length;
      const rows = values.map((value) => (value as Uint8Array | null) ?? new Uint8Array(width));
      return { kind, width, bytes: new Uint8Array(Buffer.concat(rows)) };
    }
    case 'bytes':
      return { kind, values: values.map(bytesOf) };
  }
}

const bytesOf = (value: unknown): Uint8Array =>
  new Uint8Array(typeof value === 'string' ? Buffer.from(value) : ((value as Uint8Array | null) ?? []));

/** A batch of the definition's fields; columns in the order of the definition. */
export function batchOf(definition: CollectionDefinition, values: Readonly<Record<string, Values>>): RowBatch {
  const columns = definition.fields.map((field) => columnOf(field, values[field.name] ?? []));
  const primaryKey = definition.fields.find((field) => field.primaryKey)?.name ?? '';
  return { rows: values[primaryKey]?.length ?? 0, primaryKey, columns };
}

export const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

/** An Array row: one slot of a ScalarField, encoded by the SDK. */
export const arrayRow = (slot: string, data: unknown[]): Uint8Array =>
  new Uint8Array(encodeByOracle('milvus.proto.schema.ScalarField', { [slot]: { data } }));

export function sparseRow(...entries: [number, number][]): Uint8Array {
  const row = Buffer.alloc(entries.length * 8);
  entries.forEach(([index, value], i) => {
    row.writeUInt32LE(index, i * 8);
    row.writeFloatLE(value, i * 8 + 4);
  });
  return new Uint8Array(row);
}
