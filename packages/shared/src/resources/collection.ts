import { Type, type Static } from 'typebox';
import { DATA_TYPES, type DataTypeName } from '../columns.ts';
import { Count } from './backup.ts';

const KeyValue = Type.Object({ key: Type.String(), value: Type.String() }, { additionalProperties: false });

/** Names come from one list; the cast gives the union of its keys, which a mapped tuple cannot express. */
const DataTypeNames = Object.keys(DATA_TYPES) as DataTypeName[];
export const DataType = Type.Unsafe<DataTypeName>(Type.Enum(DataTypeNames));

export const Field = Type.Object(
  {
    name: Type.String(),
    type: DataType,
    elementType: Type.Optional(DataType),
    dim: Type.Optional(Count),
    nullable: Type.Boolean(),
    primaryKey: Type.Boolean(),
    autoId: Type.Boolean(),
    partitionKey: Type.Boolean(),
    /** True where the schema gives a default value: an Insert then needs `valid_data` although nothing is null. */
    hasDefault: Type.Boolean(),
    /** `$meta`, the hidden column of dynamic fields. */
    dynamic: Type.Boolean(),
    /** Computed by the server from other fields (BM25 …): cannot be read and must not be sent. */
    functionOutput: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type Field = Static<typeof Field>;

export const Partition = Type.Object({ name: Type.String(), loaded: Type.Boolean() }, { additionalProperties: false });

export const Index = Type.Object(
  { field: Type.String(), name: Type.String(), params: Type.Array(KeyValue) },
  { additionalProperties: false },
);

/** All that is needed to make a collection again, besides its rows. */
export const CollectionDefinition = Type.Object(
  {
    database: Type.String({ description: '`default` where the server has no databases' }),
    collection: Type.String(),
    description: Type.String(),
    /** Collection id on the source, decimal; empty on Milvus Lite. Detects dropped and recreated collections. */
    collectionId: Type.String(),
    /** The server's CollectionSchema message, byte for byte, base64: nothing that we do not know yet is lost. */
    schema: Type.String(),
    fields: Type.Array(Field),
    shards: Count,
    /** Milvus's number (0 Strong, 1 Session, 2 Bounded, 3 Eventually), or null where the server does not say. */
    consistencyLevel: Type.Union([Count, Type.Null()]),
    properties: Type.Array(KeyValue),
    partitionKeyMode: Type.Boolean(),
    partitions: Type.Array(Partition),
    indexes: Type.Array(Index),
    aliases: Type.Array(Type.String()),
    loaded: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type CollectionDefinition = Static<typeof CollectionDefinition>;

export const DatabaseDefinition = Type.Object(
  { name: Type.String(), properties: Type.Array(KeyValue) },
  { additionalProperties: false },
);
export type DatabaseDefinition = Static<typeof DatabaseDefinition>;
