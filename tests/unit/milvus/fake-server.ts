import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceError,
  type status,
} from '@grpc/grpc-js';
import { createMilvusClient, type MilvusClient } from '@milvault/milvus';
import { secret, type Clock, type CollectionDefinition } from '@milvault/shared';
import { encodeByOracle } from './oracle.ts';

/** What the server does with a call: bytes to answer, a gRPC fault, or nothing (it never answers). */
export type Answer = Uint8Array | { readonly grpc: status; readonly details: string } | 'silence';
export type Script = Readonly<Record<string, (request: Buffer, call: number) => Answer>>;

export interface FakeServer {
  readonly client: MilvusClient;
  /** Names of the calls, in order. */
  readonly calls: string[];
  /** Headers of the last call. */
  headers(): Record<string, unknown>;
  /** Calls that the client gave up. */
  readonly cancelled: string[];
  close(): Promise<void>;
}

/** Time that passes at once, so that pauses between tries take none. */
export const hurriedClock = (): Clock & { slept: number[] } => {
  const slept: number[] = [];
  return {
    slept,
    now: () => 0,
    monotonic: () => 0,
    // Time limits of calls are long sleeps that end with their signal; pauses are short.
    sleep: (ms, signal) =>
      ms < 10_000
        ? (slept.push(ms), Promise.resolve())
        : new Promise((_, reject) => {
            signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
          }),
  };
};

const PREFIX = '/milvus.proto.milvus.MilvusService/';

/**
 * A server that misbehaves as told, which no real one does on demand. It speaks real gRPC over HTTP/2; calls without a
 * script are UNIMPLEMENTED, as with any server that does not know them.
 */
export async function startFakeServer(script: Script, clock: Clock = hurriedClock()): Promise<FakeServer> {
  const server = new Server();
  const calls: string[] = [];
  const cancelled: string[] = [];
  let last: Record<string, unknown> = {};
  const all: Script = { GetVersion: () => versionReply('v2.4.0'), ListDatabases: () => OK, ...script };
  for (const [name, answer] of Object.entries(all)) {
    server.register(
      PREFIX + name,
      (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
        calls.push(name);
        last = call.metadata.getMap();
        const given = answer(call.request, calls.filter((one) => one === name).length);
        if (given === 'silence') {
          call.on('cancelled', () => cancelled.push(name));
          return;
        }
        if (given instanceof Uint8Array) reply(null, Buffer.from(given));
        else
          reply(Object.assign(new Error(given.details), { code: given.grpc, details: given.details }) as ServiceError);
      },
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      'unary',
    );
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const address = { address: `127.0.0.1:${port}`, tls: false, credentials: secret('root:Milvus') };
  const client = createMilvusClient(address, { clock });
  return {
    client,
    calls,
    cancelled,
    headers: () => last,
    close: async () => {
      client.close();
      server.forceShutdown();
      await Promise.resolve();
    },
  };
}

/** An empty message: every reply without a status is a success. */
export const OK = new Uint8Array(0);
export const versionReply = (version: string): Uint8Array =>
  encodeByOracle('milvus.proto.milvus.GetVersionResponse', { version });

export const COLLECTION: CollectionDefinition = {
  database: 'default',
  collection: 'films',
  description: '',
  collectionId: '42',
  schema: '',
  fields: [
    field('id', 'Int64', { primaryKey: true }),
    field('v', 'FloatVector', { dim: 2 }),
    field('title', 'VarChar', {}),
  ],
  shards: 1,
  consistencyLevel: 0,
  properties: [],
  partitionKeyMode: false,
  partitions: [{ name: '_default', loaded: true }],
  indexes: [],
  aliases: [],
  loaded: true,
};

function field(
  name: string,
  type: CollectionDefinition['fields'][number]['type'],
  more: Partial<CollectionDefinition['fields'][number]>,
): CollectionDefinition['fields'][number] {
  return {
    name,
    type,
    nullable: false,
    primaryKey: false,
    autoId: false,
    partitionKey: false,
    hasDefault: false,
    dynamic: false,
    functionOutput: false,
    ...more,
  };
}
