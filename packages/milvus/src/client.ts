import type { Clock } from '@milvault/shared';
import * as admin from './calls/admin.ts';
import { count, countKeys } from './calls/count.ts';
import { createCollection } from './calls/create.ts';
import { describe } from './calls/describe.ts';
import { imports, startImport } from './calls/import.ts';
import { read } from './calls/read.ts';
import { search } from './calls/search.ts';
import { persistentSegments } from './calls/segments.ts';
import { databases, moment, serverInfo } from './calls/server.ts';
import { splitKeys } from './calls/split.ts';
import { write } from './calls/write.ts';
import type { Dialect } from './keys/expression.ts';
import type { MilvusAddress, MilvusClient, ServerInfo } from './port.ts';
import { openTransport } from './transport/transport.ts';

/** A client of one Milvus, on a connection of its own. Nothing is sent before the first call; close it when done. */
export function createMilvusClient(address: MilvusAddress, { clock }: { readonly clock: Clock }): MilvusClient {
  const transport = openTransport(address, clock);
  let known: ServerInfo | null = null;
  const server = async (signal?: AbortSignal): Promise<ServerInfo> => (known ??= await serverInfo(transport, signal));
  const lite = async (signal?: AbortSignal): Promise<boolean> => (await server(signal)).lite;
  const dialect = async (signal: AbortSignal): Promise<Dialect> => ((await lite(signal)) ? 'lite' : 'milvus');

  return {
    address: address.address,
    server,
    moment: async (signal) => moment(transport, await lite(signal), signal),
    databases: (signal) => databases(transport, signal),
    collections: (database, signal) => admin.collections(transport, database, signal),
    hasCollection: (ref, signal) => admin.hasCollection(transport, ref, signal),
    describe: async (ref, signal) => describe(transport, await lite(signal), ref, signal),
    count: async (request) => count(transport, await dialect(request.signal), request),
    countKeys: async (request, keys) => countKeys(transport, await dialect(request.signal), request, keys),
    splitKeys: async (request, rowsPerRange, expectedRows) =>
      splitKeys(transport, await dialect(request.signal), request, rowsPerRange, expectedRows),
    read: async (request) => read(transport, await dialect(request.signal), request),
    createDatabase: (definition, signal) => admin.createDatabase(transport, definition, signal),
    createCollection: async (definition, options, signal) =>
      createCollection(transport, await lite(signal), definition, options, signal),
    createPartition: (ref, partition, signal) => admin.createPartition(transport, ref, partition, signal),
    createIndex: (ref, index, signal) => admin.createIndex(transport, ref, index, signal),
    createAlias: (ref, alias, signal) => admin.createAlias(transport, ref, alias, signal),
    alterAlias: (ref, alias, signal) => admin.alterAlias(transport, ref, alias, signal),
    setProperties: (ref, properties, signal) => admin.setProperties(transport, ref, properties, signal),
    removeProperties: (ref, keys, signal) => admin.removeProperties(transport, ref, keys, signal),
    startLoad: (ref, signal) => admin.startLoad(transport, ref, signal),
    load: (ref, partitions, signal) => admin.load(transport, ref, partitions, signal),
    release: (ref, signal) => admin.release(transport, ref, signal),
    flush: (ref, signal) => admin.flush(transport, ref, signal),
    persistentSegments: (ref, signal) => persistentSegments(transport, ref, signal),
    startImport: (ref, files, signal) => startImport(transport, ref, files, signal),
    imports: (ref, signal) => imports(transport, ref, signal),
    rename: (ref, collection, signal) => admin.rename(transport, ref, collection, signal),
    drop: (ref, signal) => admin.drop(transport, ref, signal),
    dropDatabase: (name, signal) => admin.dropDatabase(transport, name, signal),
    write: async (request) => write(transport, await lite(request.signal), request),
    search: (request) => search(transport, request),
    close: () => transport.close(),
  };
}
