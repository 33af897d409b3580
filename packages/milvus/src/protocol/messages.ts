import { many, message, one } from './message.ts';

export const Status = message('milvus.proto.common.Status', {
  errorCode: one(1, 'enum'),
  reason: one(2, 'string'),
  code: one(3, 'int32'),
  retriable: one(4, 'bool'),
  detail: one(5, 'string'),
});

export const KeyValuePair = message('milvus.proto.common.KeyValuePair', {
  key: one(1, 'string'),
  value: one(2, 'string'),
});

export const ValueField = message('milvus.proto.schema.ValueField', {
  boolData: one(1, 'bool'),
  intData: one(2, 'int32'),
  longData: one(3, 'int64'),
  stringData: one(6, 'string'),
});

export const FieldSchema = message('milvus.proto.schema.FieldSchema', {
  fieldID: one(1, 'int64'),
  name: one(2, 'string'),
  isPrimaryKey: one(3, 'bool'),
  description: one(4, 'string'),
  dataType: one(5, 'enum'),
  typeParams: many(6, KeyValuePair),
  autoID: one(8, 'bool'),
  elementType: one(10, 'enum'),
  defaultValue: one(11, ValueField),
  isDynamic: one(12, 'bool'),
  isPartitionKey: one(13, 'bool'),
  isClusteringKey: one(14, 'bool'),
  nullable: one(15, 'bool'),
  isFunctionOutput: one(16, 'bool'),
});

export const FunctionSchema = message('milvus.proto.schema.FunctionSchema', {
  name: one(1, 'string'),
  type: one(4, 'enum'),
  outputFieldNames: many(7, 'string'),
});

export const StructArrayFieldSchema = message('milvus.proto.schema.StructArrayFieldSchema', {
  name: one(2, 'string'),
});

export const CollectionSchema = message('milvus.proto.schema.CollectionSchema', {
  name: one(1, 'string'),
  description: one(2, 'string'),
  autoID: one(3, 'bool'),
  fields: many(4, FieldSchema),
  enableDynamicField: one(5, 'bool'),
  properties: many(6, KeyValuePair),
  functions: many(7, FunctionSchema),
  dbName: one(8, 'string'),
  structArrayFields: many(9, StructArrayFieldSchema),
});

export const LongArray = message('milvus.proto.schema.LongArray', { data: many(1, 'int64') });
export const StringArray = message('milvus.proto.schema.StringArray', { data: many(1, 'string') });
export const IDs = message('milvus.proto.schema.IDs', { intId: one(1, LongArray), strId: one(2, StringArray) });

export const GetVersionRequest = message('milvus.proto.milvus.GetVersionRequest', {});
export const GetVersionResponse = message('milvus.proto.milvus.GetVersionResponse', {
  status: one(1, Status),
  version: one(2, 'string'),
});

export const ListDatabasesRequest = message('milvus.proto.milvus.ListDatabasesRequest', {});
export const ListDatabasesResponse = message('milvus.proto.milvus.ListDatabasesResponse', {
  status: one(1, Status),
  dbNames: many(2, 'string'),
});
export const DescribeDatabaseRequest = message('milvus.proto.milvus.DescribeDatabaseRequest', {
  dbName: one(2, 'string'),
});
export const DescribeDatabaseResponse = message('milvus.proto.milvus.DescribeDatabaseResponse', {
  status: one(1, Status),
  properties: many(5, KeyValuePair),
});
export const CreateDatabaseRequest = message('milvus.proto.milvus.CreateDatabaseRequest', {
  dbName: one(2, 'string'),
  properties: many(3, KeyValuePair),
});
export const DropDatabaseRequest = message('milvus.proto.milvus.DropDatabaseRequest', { dbName: one(2, 'string') });

/** The shape that most requests about one collection have. */
const named = { dbName: one(2, 'string'), collectionName: one(3, 'string') } as const;

export const ShowCollectionsRequest = message('milvus.proto.milvus.ShowCollectionsRequest', {
  dbName: one(2, 'string'),
});
export const ShowCollectionsResponse = message('milvus.proto.milvus.ShowCollectionsResponse', {
  status: one(1, Status),
  collectionNames: many(2, 'string'),
});
export const HasCollectionRequest = message('milvus.proto.milvus.HasCollectionRequest', named);
export const BoolResponse = message('milvus.proto.milvus.BoolResponse', {
  status: one(1, Status),
  value: one(2, 'bool'),
});
export const DescribeCollectionRequest = message('milvus.proto.milvus.DescribeCollectionRequest', named);
export const DescribeCollectionResponse = message('milvus.proto.milvus.DescribeCollectionResponse', {
  status: one(1, Status),
  /** A CollectionSchema, kept as its bytes: a message and its bytes look alike on the wire. */
  schema: one(2, 'bytes'),
  collectionID: one(3, 'int64'),
  shardsNum: one(8, 'int32'),
  aliases: many(9, 'string'),
  consistencyLevel: one(11, 'enum'),
  collectionName: one(12, 'string'),
  properties: many(13, KeyValuePair),
  numPartitions: one(15, 'int64'),
});
export const ListAliasesRequest = message('milvus.proto.milvus.ListAliasesRequest', named);
export const ListAliasesResponse = message('milvus.proto.milvus.ListAliasesResponse', {
  status: one(1, Status),
  aliases: many(4, 'string'),
});
export const ShowPartitionsRequest = message('milvus.proto.milvus.ShowPartitionsRequest', named);
export const ShowPartitionsResponse = message('milvus.proto.milvus.ShowPartitionsResponse', {
  status: one(1, Status),
  partitionNames: many(2, 'string'),
  partitionIDs: many(3, 'int64'),
});
export const DescribeIndexRequest = message('milvus.proto.milvus.DescribeIndexRequest', {
  ...named,
  fieldName: one(4, 'string'),
});
export const IndexDescription = message('milvus.proto.milvus.IndexDescription', {
  indexName: one(1, 'string'),
  params: many(3, KeyValuePair),
  fieldName: one(4, 'string'),
});
export const DescribeIndexResponse = message('milvus.proto.milvus.DescribeIndexResponse', {
  status: one(1, Status),
  indexDescriptions: many(2, IndexDescription),
});
export const GetLoadStateRequest = message('milvus.proto.milvus.GetLoadStateRequest', {
  collectionName: one(2, 'string'),
  partitionNames: many(3, 'string'),
  dbName: one(4, 'string'),
});
export const GetLoadStateResponse = message('milvus.proto.milvus.GetLoadStateResponse', {
  status: one(1, Status),
  state: one(2, 'enum'),
});

export const CreateCollectionRequest = message('milvus.proto.milvus.CreateCollectionRequest', {
  ...named,
  schema: one(4, 'bytes'),
  shardsNum: one(5, 'int32'),
  consistencyLevel: one(6, 'enum'),
  properties: many(7, KeyValuePair),
  numPartitions: one(8, 'int64'),
});
export const AlterCollectionRequest = message('milvus.proto.milvus.AlterCollectionRequest', {
  ...named,
  properties: many(5, KeyValuePair),
  deleteKeys: many(6, 'string'),
});
export const CreatePartitionRequest = message('milvus.proto.milvus.CreatePartitionRequest', {
  ...named,
  partitionName: one(4, 'string'),
});
export const CreateIndexRequest = message('milvus.proto.milvus.CreateIndexRequest', {
  ...named,
  fieldName: one(4, 'string'),
  extraParams: many(5, KeyValuePair),
  indexName: one(6, 'string'),
});
export const CreateAliasRequest = message('milvus.proto.milvus.CreateAliasRequest', {
  ...named,
  alias: one(4, 'string'),
});
export const AlterAliasRequest = message('milvus.proto.milvus.AlterAliasRequest', {
  ...named,
  alias: one(4, 'string'),
});
export const LoadCollectionRequest = message('milvus.proto.milvus.LoadCollectionRequest', {
  ...named,
  replicaNumber: one(4, 'int32'),
});
export const LoadPartitionsRequest = message('milvus.proto.milvus.LoadPartitionsRequest', {
  ...named,
  partitionNames: many(4, 'string'),
  replicaNumber: one(5, 'int32'),
});
export const ReleaseCollectionRequest = message('milvus.proto.milvus.ReleaseCollectionRequest', named);
export const DropCollectionRequest = message('milvus.proto.milvus.DropCollectionRequest', named);
export const RenameCollectionRequest = message('milvus.proto.milvus.RenameCollectionRequest', {
  dbName: one(2, 'string'),
  oldName: one(3, 'string'),
  newName: one(4, 'string'),
});

export const FlushRequest = message('milvus.proto.milvus.FlushRequest', {
  dbName: one(2, 'string'),
  collectionNames: many(3, 'string'),
});
/** A map on the wire is a repeated message of key and value. */
export const SegmentsEntry = message('milvus.proto.milvus.FlushResponse.SegmentsEntry', {
  key: one(1, 'string'),
  value: one(2, LongArray),
});
export const FlushTsEntry = message('milvus.proto.milvus.FlushResponse.FlushTsEntry', {
  key: one(1, 'string'),
  value: one(2, 'uint64'),
});
export const FlushResponse = message('milvus.proto.milvus.FlushResponse', {
  status: one(1, Status),
  collSegIDs: many(3, SegmentsEntry),
  collFlushTs: many(6, FlushTsEntry),
});
export const GetFlushStateRequest = message('milvus.proto.milvus.GetFlushStateRequest', {
  segmentIDs: many(1, 'int64'),
  flushTs: one(2, 'uint64'),
  dbName: one(3, 'string'),
  collectionName: one(4, 'string'),
});
export const GetFlushStateResponse = message('milvus.proto.milvus.GetFlushStateResponse', {
  status: one(1, Status),
  flushed: one(2, 'bool'),
});

export const GetPersistentSegmentInfoRequest = message('milvus.proto.milvus.GetPersistentSegmentInfoRequest', {
  dbName: one(2, 'string'),
  collectionName: one(3, 'string'),
});
export const PersistentSegmentInfo = message('milvus.proto.milvus.PersistentSegmentInfo', {
  segmentID: one(1, 'int64'),
  collectionID: one(2, 'int64'),
  partitionID: one(3, 'int64'),
  numRows: one(4, 'int64'),
  state: one(5, 'enum'),
  level: one(6, 'enum'),
});
export const GetPersistentSegmentInfoResponse = message('milvus.proto.milvus.GetPersistentSegmentInfoResponse', {
  status: one(1, Status),
  infos: many(2, PersistentSegmentInfo),
});

export const ImportRequest = message('milvus.proto.milvus.ImportRequest', {
  collectionName: one(1, 'string'),
  partitionName: one(2, 'string'),
  files: many(5, 'string'),
  options: many(6, KeyValuePair),
  dbName: one(7, 'string'),
});
export const ImportResponse = message('milvus.proto.milvus.ImportResponse', {
  status: one(1, Status),
  tasks: many(2, 'int64'),
});
export const GetImportStateRequest = message('milvus.proto.milvus.GetImportStateRequest', { task: one(1, 'int64') });
export const GetImportStateResponse = message('milvus.proto.milvus.GetImportStateResponse', {
  status: one(1, Status),
  state: one(2, 'enum'),
  rowCount: one(3, 'int64'),
  infos: many(5, KeyValuePair),
  id: one(6, 'int64'),
});
export const ListImportTasksRequest = message('milvus.proto.milvus.ListImportTasksRequest', {
  collectionName: one(1, 'string'),
  limit: one(2, 'int64'),
  dbName: one(3, 'string'),
});
export const ListImportTasksResponse = message('milvus.proto.milvus.ListImportTasksResponse', {
  status: one(1, Status),
  tasks: many(2, GetImportStateResponse),
});

export const AllocTimestampRequest = message('milvus.proto.milvus.AllocTimestampRequest', {});
export const AllocTimestampResponse = message('milvus.proto.milvus.AllocTimestampResponse', {
  status: one(1, Status),
  timestamp: one(2, 'uint64'),
});

export const QueryRequest = message('milvus.proto.milvus.QueryRequest', {
  ...named,
  expr: one(4, 'string'),
  outputFields: many(5, 'string'),
  partitionNames: many(6, 'string'),
  guaranteeTimestamp: one(8, 'uint64'),
  queryParams: many(9, KeyValuePair),
  consistencyLevel: one(11, 'enum'),
  useDefaultConsistency: one(12, 'bool'),
});
/** What a write answers; the ids that it lists one by one are left unread. */
export const MutationResult = message('milvus.proto.milvus.MutationResult', {
  status: one(1, Status),
  errIndex: many(4, 'uint32'),
  insertCnt: one(6, 'int64'),
  upsertCnt: one(8, 'int64'),
});

export const PlaceholderValue = message('milvus.proto.common.PlaceholderValue', {
  tag: one(1, 'string'),
  type: one(2, 'enum'),
  values: many(3, 'bytes'),
});
export const PlaceholderGroup = message('milvus.proto.common.PlaceholderGroup', {
  placeholders: many(1, PlaceholderValue),
});
export const SearchRequest = message('milvus.proto.milvus.SearchRequest', {
  ...named,
  partitionNames: many(4, 'string'),
  dsl: one(5, 'string'),
  placeholderGroup: one(6, 'bytes'),
  dslType: one(7, 'enum'),
  outputFields: many(8, 'string'),
  searchParams: many(9, KeyValuePair),
  nq: one(12, 'int64'),
  consistencyLevel: one(14, 'enum'),
  useDefaultConsistency: one(15, 'bool'),
});
export const SearchResultData = message('milvus.proto.schema.SearchResultData', { ids: one(5, IDs) });
export const SearchResults = message('milvus.proto.milvus.SearchResults', {
  status: one(1, Status),
  results: one(2, SearchResultData),
});
