import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { COLLECTION, OK, startFakeServer, versionReply, type FakeServer, type Script } from './fake-server.ts';
import { encodeByOracle } from './oracle.ts';

let server: FakeServer | null = null;
const start = async (script: Script): Promise<FakeServer> => (server = await startFakeServer(script));
afterEach(async () => {
  await server?.close();
  server = null;
});

const signal = new AbortController().signal;
const code = (name: string): unknown => expect.objectContaining({ code: name });

describe('A server', () => {
  it('that is older than 2.3 is refused with its version', async () => {
    const { client } = await start({ GetVersion: () => versionReply('v2.2.16') });
    await expect(client.server()).rejects.toThrow(
      expect.objectContaining({ code: 'SOURCE_UNSUPPORTED', got: 'v2.2.16' }),
    );
  });

  it.each(['v2.3.5-lite', '2.6.1', 'v10.0', 'zilliz-nightly', 'v3.0.0-beta'])(
    'that calls itself %s is taken',
    async (version) => {
      const { client } = await start({ GetVersion: () => versionReply(version) });
      expect(await client.server()).toEqual({ version, lite: false, databases: true });
    },
  );

  it('without databases has one, named default', async () => {
    const unknown = { grpc: status.UNIMPLEMENTED, details: 'unknown method' };
    const { client } = await start({ ListDatabases: () => unknown });
    expect((await client.server()).databases).toBe(false);
    expect(await client.databases()).toEqual([{ name: 'default', properties: [] }]);
  });

  it('that does not know a call that is needed is unsupported, and never taken for empty', async () => {
    const { client } = await start({});
    await expect(client.collections('default')).rejects.toThrow(code('SOURCE_UNSUPPORTED'));
    await expect(client.describe(COLLECTION)).rejects.toThrow(code('SOURCE_UNSUPPORTED'));
    await expect(client.count({ definition: COLLECTION, partition: null, signal })).rejects.toThrow(
      code('SOURCE_UNSUPPORTED'),
    );
  });

  it('with a field type that we do not know is told its number', async () => {
    const { client } = await start({
      DescribeCollection: () =>
        encodeByOracle('milvus.proto.milvus.DescribeCollectionResponse', {
          schema: { name: 'films', fields: [{ name: 'when', dataType: 28 }] },
        }),
      GetLoadState: () => OK,
    });
    await expect(client.describe(COLLECTION)).rejects.toThrow(
      expect.objectContaining({ code: 'TYPE_UNSUPPORTED', got: 'type 28' }),
    );
  });

  it('that creates less than it was asked for is found out, and nothing is left there', async () => {
    const schema = encodeByOracle('milvus.proto.schema.CollectionSchema', {
      name: 'films',
      fields: [
        { name: 'id', dataType: 5, isPrimaryKey: true, nullable: false },
        { name: 'n', dataType: 5, nullable: true },
      ],
    });
    const { client, calls } = await start({
      HasCollection: () => OK,
      CreateCollection: () => OK,
      DescribeCollection: () =>
        encodeByOracle('milvus.proto.milvus.DescribeCollectionResponse', {
          schema: {
            name: 'films',
            fields: [
              { name: 'id', dataType: 5, isPrimaryKey: true },
              { name: 'n', dataType: 5 },
            ],
          },
        }),
      GetLoadState: () => OK,
      ShowPartitions: () => OK,
      DescribeIndex: () => OK,
      DropCollection: () => OK,
    });
    const wanted = { ...COLLECTION, schema: Buffer.from(schema).toString('base64') };
    await expect(client.createCollection(wanted, { autoId: 'plain' })).rejects.toThrow(
      expect.objectContaining({
        code: 'TARGET_UNSUPPORTED',
        message: expect.stringContaining('nullable of n') as string,
      }),
    );
    expect(calls.at(-1)).toBe('DropCollection');
  });
});
