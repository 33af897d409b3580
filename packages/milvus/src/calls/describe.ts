import { DATA_TYPES, fail, type CollectionDefinition, type DataTypeName } from '@milvault/shared';
import { decodeMessage, type MessageOf } from '../protocol/message.ts';
import { CollectionSchema, type DescribeCollectionResponse, type FieldSchema } from '../protocol/messages.ts';
import { METHODS } from '../protocol/methods.ts';
import type { CollectionRef } from '../port.ts';
import { retried } from '../transport/retry.ts';
import type { Transport } from '../transport/transport.ts';
import type { FieldDefinition } from './fields.ts';
import { describeIndexes, describePartitions, isLoaded, listAliases } from './parts.ts';

type Described = MessageOf<typeof DescribeCollectionResponse>;
type Schema = MessageOf<typeof CollectionSchema>;

/** See MilvusClient.describe. */
export async function describe(
  transport: Transport,
  lite: boolean,
  ref: CollectionRef,
  signal?: AbortSignal,
): Promise<CollectionDefinition> {
  const options = { database: ref.database, signal };
  const described = await retried(transport.clock, signal, () =>
    transport.call(METHODS.describeCollection, { dbName: ref.database, collectionName: ref.collection }, options),
  );
  const schema = decodeMessage(CollectionSchema, described.schema);
  const partitionKeyMode = schema.fields.some((field) => field.isPartitionKey);
  const loaded = await isLoaded(transport, ref, [], signal);
  return {
    ...ref,
    description: schema.description,
    collectionId: described.collectionID === '0' ? '' : described.collectionID,
    schema: Buffer.from(described.schema).toString('base64'),
    fields: fieldsOf(schema, ref),
    shards: described.shardsNum,
    // Lite has no consistency levels: its zero means nothing.
    consistencyLevel: lite ? null : described.consistencyLevel,
    properties: described.properties,
    partitionKeyMode,
    partitions: await describePartitions(transport, ref, lite || partitionKeyMode ? loaded : 'each', signal),
    indexes: await describeIndexes(transport, ref, signal),
    aliases: await aliasesOf(transport, lite, described, ref, signal),
    loaded,
  };
}

/** Lite does not say them here, but when asked for them. */
const aliasesOf = async (
  transport: Transport,
  lite: boolean,
  described: Described,
  ref: CollectionRef,
  signal?: AbortSignal,
): Promise<string[]> => (lite ? listAliases(transport, ref, signal) : described.aliases);

const DYNAMIC_FIELD: FieldDefinition = {
  name: '$meta',
  type: 'JSON',
  nullable: false,
  primaryKey: false,
  autoId: false,
  partitionKey: false,
  hasDefault: false,
  dynamic: true,
  functionOutput: false,
};

export function fieldsOf(schema: Schema, ref: CollectionRef): FieldDefinition[] {
  const [struct] = schema.structArrayFields;
  if (struct !== undefined) {
    throw fail('TYPE_UNSUPPORTED', {
      what: `Field ${struct.name} of ${ref.collection} is an array of structs`,
      details: { ...ref, field: struct.name },
    });
  }
  const computed = new Set(schema.functions.flatMap((one) => one.outputFieldNames));
  const fields = schema.fields.map((field) => fieldOf(field, schema, computed, ref));
  // Servers hide the column of dynamic fields here and serve it by its name.
  const hidden = schema.enableDynamicField && !fields.some((field) => field.dynamic);
  return hidden ? [...fields, DYNAMIC_FIELD] : fields;
}

function fieldOf(
  field: MessageOf<typeof FieldSchema>,
  schema: Schema,
  computed: ReadonlySet<string>,
  ref: CollectionRef,
): FieldDefinition {
  const type = typeNamed(field.dataType, field.name, ref);
  const dim = field.typeParams.find((param) => param.key === 'dim')?.value;
  return {
    name: field.name,
    type,
    ...(type === 'Array' ? { elementType: typeNamed(field.elementType, `${field.name}[]`, ref) } : {}),
    ...(dim === undefined ? {} : { dim: Number(dim) }),
    nullable: field.nullable,
    primaryKey: field.isPrimaryKey,
    autoId: field.autoID || (field.isPrimaryKey && schema.autoID),
    partitionKey: field.isPartitionKey,
    hasDefault: field.defaultValue !== null,
    dynamic: field.isDynamic,
    // Embeddings that a model made can be read, but are made anew by an insert: not ours to carry either.
    functionOutput: field.isFunctionOutput || computed.has(field.name),
  };
}

// Object.entries loses the literal type of the keys.
const NAMES = new Map(Object.entries(DATA_TYPES).map(([name, number]) => [number as number, name as DataTypeName]));

function typeNamed(number: number, field: string, ref: CollectionRef): DataTypeName {
  const name = NAMES.get(number);
  if (name !== undefined) return name;
  throw fail('TYPE_UNSUPPORTED', {
    what: `Field ${field} of ${ref.collection} has the data type ${number}, which milvault does not know`,
    expected: `one of ${[...NAMES.values()].join(', ')}`,
    got: `type ${number}`,
    details: { ...ref, field, type: number },
  });
}
