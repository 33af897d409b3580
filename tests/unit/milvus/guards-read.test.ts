import { status } from '@grpc/grpc-js';
import { isPageTooLarge } from '@milvault/milvus';
import { systemClock, type Clock } from '@milvault/shared';
import { afterEach, describe, expect, it } from 'vitest';
import { COLLECTION, hurriedClock, startFakeServer, type FakeServer, type Script } from './fake-server.ts';
import { decodeByOracle, encodeByOracle } from './oracle.ts';

let server: FakeServer | null = null;
const start = async (script: Script, clock?: Clock): Promise<FakeServer> =>
  (server = await startFakeServer(script, clock));
afterEach(async () => {
  await server?.close();
  server = null;
});

const signal = new AbortController().signal;
const ALL = { after: null, upTo: null };
const request = { definition: COLLECTION, partition: null, range: ALL, signal };
const code = (name: string): unknown => expect.objectContaining({ code: name });

const id = (data: number[]): object => ({ type: 5, fieldName: 'id', scalars: { longData: { data } } });
const v = (data: number[]): object => ({ type: 101, fieldName: 'v', vectors: { dim: 2, floatVector: { data } } });
const title = (data: string[]): object => ({ type: 21, fieldName: 'title', scalars: { stringData: { data } } });
const rows = (...fieldsData: object[]): Uint8Array =>
  encodeByOracle('milvus.proto.milvus.QueryResults', { status: {}, fieldsData });
const refusal = (facts: object): Uint8Array =>
  encodeByOracle('milvus.proto.milvus.QueryResults', { status: { code: 65535, reason: 'no', ...facts } });
const two = rows(id([2, 1]), v([3, 4, 1, 2]), title(['b', 'a']));

describe('A read', () => {
  it('asks for every field by name, at the newest state, of this very collection, without limit', async () => {
    let asked: Record<string, unknown> = {};
    const { client, headers } = await start({
      Query: (bytes) => {
        asked = decodeByOracle('milvus.proto.milvus.QueryRequest', bytes);
        return two;
      },
    });
    await client.read({ ...request, partition: 'p', range: { after: 0n, upTo: 9n } });
    expect(asked).toEqual({
      dbName: 'default',
      collectionName: 'films',
      expr: 'id > 0 and id <= 9',
      outputFields: ['id', 'v', 'title'],
      partitionNames: ['p'],
      queryParams: [
        { key: 'timezone', value: 'UTC' },
        { key: 'collection_id', value: '42' },
      ],
      consistencyLevel: 0,
      useDefaultConsistency: false,
    });
    expect(headers()).toMatchObject({
      dbname: 'default',
      authorization: Buffer.from('root:Milvus').toString('base64'),
    });
  });

  it('of a moment waits for no newer state', async () => {
    let asked: Record<string, unknown> = {};
    const { client } = await start({
      AllocTimestamp: () =>
        encodeByOracle('milvus.proto.milvus.AllocTimestampResponse', { timestamp: '45' + '0'.repeat(16) }),
      Query: (bytes) => {
        asked = decodeByOracle('milvus.proto.milvus.QueryRequest', bytes);
        return two;
      },
    });
    const moment = await client.moment();
    await client.read({ ...request, moment });
    expect(asked).toMatchObject({ guaranteeTimestamp: moment, consistencyLevel: 4, useDefaultConsistency: false });
    expect(moment).toBe('450000000000000000');
  });

  it('gives the rows in key order', async () => {
    const { client } = await start({ Query: () => two });
    const page = await client.read(request);
    expect(page.batch.columns[0]?.data).toEqual({ kind: 'int64', values: BigInt64Array.of(1n, 2n) });
    expect(page.wireBytes).toBe(two.length);
  });

  it('of nothing gives no rows, whether the columns are there or not', async () => {
    const { client } = await start({ Query: (_, call) => (call === 1 ? rows() : rows(id([]), v([]), title([]))) });
    expect((await client.read(request)).batch.rows).toBe(0);
    expect((await client.read(request)).batch.rows).toBe(0);
  });

  it.each([
    ['a field left out', rows(id([1]), v([1, 2]))],
    ['a column that is shorter than the others', rows(id([1, 2]), v([1, 2]), title(['a', 'b']))],
    ['a column that is longer than the others', rows(id([1]), v([1, 2]), title(['a', 'b']))],
    ['rows but no keys', rows(v([1, 2]), title(['a']))],
    ['keys outside of the range', rows(id([11]), v([1, 2]), title(['a']))],
    ['bytes that are no message', Buffer.from('<html>not found</html>')],
    ['half a message', two.subarray(0, two.length - 3)],
  ])('answered with %s is not trusted', async (_, reply) => {
    const { client } = await start({ Query: () => reply });
    await expect(client.read({ ...request, range: { after: 0n, upTo: 10n } })).rejects.toThrow(
      code('PROTOCOL_VIOLATION'),
    );
  });

  it.each([
    [
      'Milvus: an answer beyond the proxy',
      {
        grpc: status.RESOURCE_EXHAUSTED,
        details: 'grpc: trying to send message larger than max (73053519 vs. 67108864)',
      },
    ],
    [
      'Milvus Lite: an answer beyond its server',
      { grpc: status.RESOURCE_EXHAUSTED, details: 'Sent message larger than max (300000000 vs. 268435456)' },
    ],
    [
      'Milvus: an answer beyond a query node',
      refusal({ reason: 'worker(1) query failed: query results exceed the limit size : service internal error' }),
    ],
    [
      'Milvus: an answer beyond the quota',
      refusal({ reason: 'query results exceed the maxOutputSize Limit 104857600' }),
    ],
  ])('that is too large by the words of %s asks for halving', async (_, answer) => {
    const { client } = await start({
      Query: (bytes) =>
        bytes.includes('count(*)')
          ? rows({ type: 5, fieldName: 'count(*)', scalars: { longData: { data: [2] } } })
          : answer,
    });
    expect(await client.read(request).catch(isPageTooLarge)).toBe(true);
  });

  it('of one row that is too large says that it cannot be halved', async () => {
    const { client } = await start({
      Query: (bytes) =>
        bytes.includes('count(*)')
          ? rows({ type: 5, fieldName: 'count(*)', scalars: { longData: { data: [1] } } })
          : { grpc: status.RESOURCE_EXHAUSTED, details: 'grpc: trying to send message larger than max (9 vs. 8)' },
    });
    await expect(client.read(request)).rejects.toThrow(code('ROW_TOO_LARGE'));
  });

  it.each([
    ['SOURCE_AUTH_FAILED', { grpc: status.UNAUTHENTICATED, details: 'auth check failure' }],
    ['SOURCE_AUTH_FAILED', { grpc: status.PERMISSION_DENIED, details: 'no privilege' }],
    ['SOURCE_AUTH_FAILED', refusal({ code: 1401 })],
    ['SOURCE_UNSUPPORTED', { grpc: status.UNIMPLEMENTED, details: 'unknown method' }],
    ['SOURCE_REJECTED', { grpc: status.UNKNOWN, details: 'panic' }],
    ['SOURCE_REJECTED', refusal({})],
    ['COLLECTION_NOT_FOUND', refusal({ code: 100 })],
    ['COLLECTION_NOT_FOUND', refusal({ code: 0, errorCode: 4 })],
    ['COLLECTION_NOT_FOUND', refusal({ code: 0, errorCode: 1, reason: "can't find collection: films" })],
    ['COLLECTION_NOT_LOADED', refusal({ code: 101 })],
    [
      'COLLECTION_NOT_LOADED',
      refusal({ code: 0, errorCode: 1, reason: 'collection films was not loaded into memory: not loaded' }),
    ],
    ['COLLECTION_CHANGED', refusal({ reason: 'Input collection id is not consistent to collectionID in the context' })],
    ['COLLECTION_CHANGED', refusal({ reason: 'partition name p not found' })],
    ['DATABASE_NOT_FOUND', refusal({ code: 800 })],
  ] as const)('that meets %s says so, at once', async (expected, answer) => {
    const { client, calls } = await start({ Query: () => answer });
    await expect(client.read(request)).rejects.toThrow(code(expected));
    expect(calls.filter((call) => call === 'Query')).toHaveLength(1);
  });

  it.each([
    ['SOURCE_UNREACHABLE', { grpc: status.UNAVAILABLE, details: 'going down' }],
    ['SOURCE_BUSY', refusal({ code: 8, reason: 'rate limit' })],
    ['SOURCE_BUSY', refusal({ code: 600, reason: 'segment not found[segment=4]' })],
  ] as const)('that meets %s is tried again after growing pauses, and gives up', async (expected, answer) => {
    const clock = hurriedClock();
    const { client } = await start({ Query: (_, call) => (call <= 2 ? answer : two) }, clock);
    expect((await client.read(request)).batch.rows).toBe(2);
    expect(clock.slept).toEqual([250, 500]);
    await server?.close();
    const lasting = await start({ Query: () => answer });
    await expect(lasting.client.read(request)).rejects.toThrow(code(expected));
    expect(lasting.calls.filter((call) => call === 'Query')).toHaveLength(4);
  });

  it('that is stopped ends at once with the reason, and the server is told', async () => {
    const stop = new AbortController();
    const { client, calls, cancelled } = await start({ Query: () => 'silence' }, systemClock);
    const reading = client.read({ ...request, signal: stop.signal });
    const reason = new Error('stopped by a person');
    await expect.poll(() => calls).toContain('Query');
    stop.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await expect.poll(() => cancelled).toEqual(['Query']);
  });

  it('that is never answered ends when its time is over', async () => {
    const clock = { ...systemClock, sleep: (ms: number) => systemClock.sleep(ms > 60_000 ? 20 : ms) };
    const { client, cancelled } = await start({ Query: () => 'silence' }, clock);
    await expect(client.read(request)).rejects.toThrow(code('SOURCE_TIMEOUT'));
    await expect.poll(() => cancelled).toEqual(['Query']);
  });
});
