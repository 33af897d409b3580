import type { MessageSpec } from './message.ts';
import * as m from './messages.ts';

/** A call of MilvusService: its path, and the messages that go and come. */
export interface Method<Request extends MessageSpec = MessageSpec, Reply extends MessageSpec = MessageSpec> {
  readonly name: string;
  readonly request: Request;
  readonly reply: Reply;
}

const method = <Q extends MessageSpec, R extends MessageSpec>(name: string, request: Q, reply: R): Method<Q, R> => ({
  name,
  request,
  reply,
});

export const METHODS = {
  getVersion: method('GetVersion', m.GetVersionRequest, m.GetVersionResponse),
  allocTimestamp: method('AllocTimestamp', m.AllocTimestampRequest, m.AllocTimestampResponse),
  listDatabases: method('ListDatabases', m.ListDatabasesRequest, m.ListDatabasesResponse),
  describeDatabase: method('DescribeDatabase', m.DescribeDatabaseRequest, m.DescribeDatabaseResponse),
  createDatabase: method('CreateDatabase', m.CreateDatabaseRequest, m.Status),
  dropDatabase: method('DropDatabase', m.DropDatabaseRequest, m.Status),
  showCollections: method('ShowCollections', m.ShowCollectionsRequest, m.ShowCollectionsResponse),
  hasCollection: method('HasCollection', m.HasCollectionRequest, m.BoolResponse),
  describeCollection: method('DescribeCollection', m.DescribeCollectionRequest, m.DescribeCollectionResponse),
  listAliases: method('ListAliases', m.ListAliasesRequest, m.ListAliasesResponse),
  showPartitions: method('ShowPartitions', m.ShowPartitionsRequest, m.ShowPartitionsResponse),
  describeIndex: method('DescribeIndex', m.DescribeIndexRequest, m.DescribeIndexResponse),
  getLoadState: method('GetLoadState', m.GetLoadStateRequest, m.GetLoadStateResponse),
  createCollection: method('CreateCollection', m.CreateCollectionRequest, m.Status),
  alterCollection: method('AlterCollection', m.AlterCollectionRequest, m.Status),
  createPartition: method('CreatePartition', m.CreatePartitionRequest, m.Status),
  createIndex: method('CreateIndex', m.CreateIndexRequest, m.Status),
  createAlias: method('CreateAlias', m.CreateAliasRequest, m.Status),
  alterAlias: method('AlterAlias', m.AlterAliasRequest, m.Status),
  loadCollection: method('LoadCollection', m.LoadCollectionRequest, m.Status),
  loadPartitions: method('LoadPartitions', m.LoadPartitionsRequest, m.Status),
  releaseCollection: method('ReleaseCollection', m.ReleaseCollectionRequest, m.Status),
  flush: method('Flush', m.FlushRequest, m.FlushResponse),
  getFlushState: method('GetFlushState', m.GetFlushStateRequest, m.GetFlushStateResponse),
  getPersistentSegmentInfo: method(
    'GetPersistentSegmentInfo',
    m.GetPersistentSegmentInfoRequest,
    m.GetPersistentSegmentInfoResponse,
  ),
  import: method('Import', m.ImportRequest, m.ImportResponse),
  listImportTasks: method('ListImportTasks', m.ListImportTasksRequest, m.ListImportTasksResponse),
  renameCollection: method('RenameCollection', m.RenameCollectionRequest, m.Status),
  dropCollection: method('DropCollection', m.DropCollectionRequest, m.Status),
  search: method('Search', m.SearchRequest, m.SearchResults),
} as const;
