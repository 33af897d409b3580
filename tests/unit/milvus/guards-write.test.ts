import { status } from '@grpc/grpc-js';
import type { RowBatch } from '@milvault/shared';
import { afterEach, describe, expect, it } from 'vitest';
import { COLLECTION, startFakeServer, type FakeServer, type Script } from './fake-server.ts';
import { decodeByOracle, encodeByOracle } from './oracle.ts';

let server: FakeServer | null = null;
const start = async (script: Script): Promise<FakeServer> => (server = await startFakeServer(script));
afterEach(async () => {
  await server?.close();
  server = null;
});

const signal = new AbortController().signal;
const code = (name: string): unknown => expect.objectContaining({ code: name });

describe('A write', () => {
  const batch: RowBatch = {
    rows: 2,
    primaryKey: 'id',
    columns: [
      {
        field: { name: 'id', type: 'Int64', nullable: false },
        data: { kind: 'int64', values: BigInt64Array.of(1n, 2n) },
        valid: null,
      },
      {
        field: { name: 'v', type: 'FloatVector', dim: 2, nullable: false },
        data: { kind: 'fixed', width: 8, bytes: new Uint8Array(16) },
        valid: null,
      },
      {
        field: { name: 'title', type: 'VarChar', nullable: false },
        data: { kind: 'bytes', values: [Buffer.from('a'), Buffer.from('b')] },
        valid: null,
      },
    ],
  };
  const rowsToWrite = { definition: COLLECTION, partition: 'p', batch, signal };
  const result = (facts: object): Uint8Array =>
    encodeByOracle('milvus.proto.milvus.MutationResult', { status: {}, ...facts });

  it.each([
    ['insert', 'Insert', 'InsertRequest', { insertCnt: 2 }],
    ['upsert', 'Upsert', 'UpsertRequest', { upsertCnt: 2 }],
  ] as const)('by %s sends what the SDK reads as these rows', async (mode, call, type, counts) => {
    let sent: Record<string, unknown> = {};
    const { client } = await start({
      [call]: (bytes: Buffer) => {
        sent = decodeByOracle(`milvus.proto.milvus.${type}`, bytes);
        return result(counts);
      },
    });
    expect((await client.write({ ...rowsToWrite, mode })).rows).toBe(2);
    expect(sent).toEqual({
      dbName: 'default',
      collectionName: 'films',
      partitionName: 'p',
      numRows: 2,
      fieldsData: [
        { type: 5, fieldName: 'id', scalars: { longData: { data: ['1', '2'] } } },
        { type: 101, fieldName: 'v', vectors: { dim: '2', floatVector: { data: [0, 0, 0, 0] } } },
        { type: 21, fieldName: 'title', scalars: { stringData: { data: ['a', 'b'] } } },
      ],
    });
  });

  it.each([
    ['fewer rows', { insertCnt: 1 }],
    ['no rows', {}],
    ['a refused row', { insertCnt: 2, errIndex: [1] }],
  ])('answered with success and %s is not called stored', async (_, counts) => {
    const { client } = await start({ Insert: () => result(counts) });
    await expect(client.write({ ...rowsToWrite, mode: 'insert' })).rejects.toThrow(code('PROTOCOL_VIOLATION'));
  });

  it('whose answer was lost is not repeated', async () => {
    const { client, calls } = await start({
      Insert: () => ({ grpc: status.UNAVAILABLE, details: 'connection reset' }),
    });
    await expect(client.write({ ...rowsToWrite, mode: 'insert' })).rejects.toThrow(code('SOURCE_UNREACHABLE'));
    expect(calls.filter((call) => call === 'Insert')).toHaveLength(1);
  });

  it('that is too large is sent in halves, and a single row that is too large is named', async () => {
    const tooLarge = { grpc: status.RESOURCE_EXHAUSTED, details: 'grpc: received message larger than max (9 vs. 8)' };
    const half = await start({
      Insert: (bytes) =>
        decodeByOracle('milvus.proto.milvus.InsertRequest', bytes)['numRows'] === 2
          ? tooLarge
          : result({ insertCnt: 1 }),
    });
    expect((await half.client.write({ ...rowsToWrite, mode: 'insert' })).rows).toBe(2);
    await half.close();
    const { client } = await start({ Insert: () => tooLarge });
    await expect(client.write({ ...rowsToWrite, mode: 'insert' })).rejects.toThrow(code('ROW_TOO_LARGE'));
  });

  it('of a column too many or too few is refused before anything is sent', async () => {
    const { client, calls } = await start({ Insert: () => result({ insertCnt: 2 }) });
    const fewer = { ...batch, columns: batch.columns.slice(1) };
    const more = { ...COLLECTION, fields: COLLECTION.fields.slice(1) };
    await expect(client.write({ ...rowsToWrite, batch: fewer, mode: 'insert' })).rejects.toThrow(
      code('TARGET_UNSUPPORTED'),
    );
    await expect(client.write({ ...rowsToWrite, definition: more, mode: 'insert' })).rejects.toThrow(
      code('TARGET_UNSUPPORTED'),
    );
    expect(calls).not.toContain('Insert');
  });
});
