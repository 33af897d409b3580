import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMilvusClient } from '@milvault/milvus';
import { systemClock } from '@milvault/shared';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { servers } from '../../support/servers.ts';
import {
  ALL,
  batchOf,
  connect,
  definitionOf,
  floats,
  signal,
  withCollection,
  type CollectionWish,
} from './fixtures.ts';

const { milvus, lite, redis } = servers();
const WISH: CollectionWish = {
  fields: [
    { name: 'id', type: 'Int64', primary: true },
    { name: 'text', type: 'VarChar', params: { max_length: 77 } },
    { name: 'v', type: 'FloatVector', params: { dim: 2 } },
  ],
  dynamic: true,
};
const code = (name: string): unknown => expect.objectContaining({ code: name });
const randomName = (): string => `test_${randomUUID().replaceAll('-', '')}`;

describe.each([
  ['Milvus 2.3.5', milvus],
  ['Milvus Lite', lite],
] as const)('On %s', (_, address) => {
  it('a collection made from a description is described the same, but for its name', async () => {
    await withCollection(address, WISH, async ({ client, definition }) => {
      const copy = { ...definition, collection: randomName() };
      await client.createCollection(copy, { autoId: 'property' });
      try {
        for (const index of definition.indexes) await client.createIndex(copy, index);
        await client.load(copy, null);
        const made = await client.describe(copy);
        // The name and the ids of the server are all that may differ.
        expect({ ...made, collectionId: '', schema: '' }).toEqual({ ...copy, collectionId: '', schema: '' });
        expect(made.indexes).toHaveLength(1);
        expect(made.indexes[0]?.params).toContainEqual({ key: 'metric_type', value: 'L2' });
        expect(made.fields.find((field) => field.name === '$meta')?.dynamic).toBe(true);
        expect(Buffer.from(made.schema, 'base64').includes('max_length')).toBe(true);
      } finally {
        await client.drop(copy);
      }
    });
  });

  it('a collection that is there already is not made again, and an alias is no free name', async () => {
    await withCollection(address, WISH, async ({ client, definition }) => {
      await expect(client.createCollection(definition, { autoId: 'plain' })).rejects.toThrow(code('TARGET_EXISTS'));
      const alias = randomName();
      await client.createAlias(definition, alias);
      const named = { ...definition, collection: alias };
      await expect(client.createCollection(named, { autoId: 'plain' })).rejects.toThrow(code('TARGET_EXISTS'));
      expect((await client.describe(definition)).aliases).toEqual([alias]);
      await client.alterAlias(definition, alias);
    });
  });

  it('a time to live is not set by creating, but afterwards', async () => {
    const ttl = { key: 'collection.ttl.seconds', value: '864000' };
    await withCollection(address, { ...WISH, properties: [ttl] }, async ({ client, definition }) => {
      expect(definition.properties).toEqual([]);
      await client.setProperties(definition, [ttl]);
      expect((await client.describe(definition)).properties).toContainEqual(ttl);
    });
  });

  it('a released collection says that it is not loaded, a dropped one that it is gone', async () => {
    await withCollection(address, WISH, async ({ client, definition }) => {
      const of = { definition, partition: null, signal };
      await client.release(definition);
      await expect(client.read({ ...of, range: ALL })).rejects.toThrow(code('COLLECTION_NOT_LOADED'));
      await expect(client.count(of)).rejects.toThrow(code('COLLECTION_NOT_LOADED'));
      const described = await client.describe(definition);
      expect([described.loaded, described.partitions[0]?.loaded]).toEqual([false, false]);
      await client.drop(definition);
      await expect(client.read({ ...of, range: ALL })).rejects.toThrow(code('COLLECTION_NOT_FOUND'));
      await expect(client.describe(definition)).rejects.toThrow(code('COLLECTION_NOT_FOUND'));
      expect(await client.hasCollection(definition)).toBe(false);
    });
  });

  it('rows outlive a flush and a new name', async () => {
    await withCollection(address, WISH, async ({ client, definition }) => {
      const batch = batchOf(definition, { id: [1n], text: ['x'], v: [floats(1, 2)], $meta: ['{"a": 1}'] });
      await client.write({ definition, partition: null, batch, mode: 'insert', signal });
      await client.flush(definition);
      const collection = randomName();
      await client.rename(definition, collection);
      const renamed = { ...definition, collection };
      try {
        // Milvus Lite releases a collection that gets a new name.
        await client.load(renamed, null);
        expect((await client.read({ definition: renamed, partition: null, range: ALL, signal })).batch).toEqual(batch);
      } finally {
        await client.drop(renamed);
      }
    });
  });

  it('collections live in their database', async () => {
    const client = connect(address);
    const database = randomName();
    const definition = { ...definitionOf(WISH), database };
    await client.createDatabase({ name: database, properties: [] });
    try {
      await client.createCollection(definition, { autoId: 'plain' });
      expect(await client.collections(database)).toEqual([definition.collection]);
      expect(await client.collections('default')).not.toContain(definition.collection);
      expect((await client.databases()).map((one) => one.name)).toContain(database);
      expect((await client.describe(definition)).database).toBe(database);
      await client.drop(definition);
      await expect(client.collections(randomName())).rejects.toThrow(code('DATABASE_NOT_FOUND'));
    } finally {
      await client.dropDatabase(database);
      client.close();
    }
  });
});

it('Milvus and Milvus Lite are told apart', async () => {
  const [one, other] = [connect(milvus), connect(lite)];
  expect(await one.server()).toEqual({ version: 'v2.3.5-lite', lite: false, databases: true });
  expect(await other.server()).toMatchObject({ lite: true, databases: true });
  one.close();
  other.close();
});

describe('What is no Milvus', () => {
  // Pauses between tries are cut short: what is tested is the answer.
  const clock = {
    ...systemClock,
    sleep: (ms: number, stop?: AbortSignal) => systemClock.sleep(ms < 5_000 ? 1 : ms, stop),
  };
  const fault = async (address: string, tls = false): Promise<unknown> => {
    const client = createMilvusClient({ address, tls, credentials: null }, { clock });
    return client
      .server()
      .catch((error: unknown) => error)
      .finally(() => client.close());
  };

  it('is unreachable, and the error names the address and what was found there', async () => {
    const web = createServer((_, response) => response.end('<html>'));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const { port } = web.address() as AddressInfo;
    try {
      expect(await fault(`127.0.0.1:${port}`)).toEqual(code('SOURCE_UNREACHABLE'));
    } finally {
      web.close();
    }
    const refused = await fault(`127.0.0.1:${port}`);
    expect(refused).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringContaining(`127.0.0.1:${port}`) as string,
    });
    expect(await fault(new URL(redis).host)).toEqual(code('SOURCE_UNREACHABLE'));
    expect(await fault('no-such-host.invalid:19530')).toEqual(code('SOURCE_UNREACHABLE'));
  });

  it('with TLS asked of a server without is told how to mend it', async () => {
    expect(await fault(milvus, true)).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      next: expect.stringContaining('without TLS') as string,
    });
  });
});
