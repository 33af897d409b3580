import type { Page } from '@milvault/milvus';
import { describe, expect, it } from 'vitest';
import { servers } from '../../support/servers.ts';
import {
  ALL,
  arrayRow,
  batchOf,
  floats,
  signal,
  sparseRow,
  withCollection,
  type FieldWish,
  type Made,
} from './fixtures.ts';

const { milvus, lite } = servers();
const BOTH = [
  ['Milvus 2.3.5', milvus],
  ['Milvus Lite', lite],
] as const;

const ID: FieldWish = { name: 'id', type: 'Int64', primary: true };
const V: FieldWish = { name: 'v', type: 'FloatVector', params: { dim: 2 } };
const MIN = -(2n ** 63n);

type Rows = Readonly<Record<string, readonly unknown[]>>;

/** Writes the rows (given in key order), reads them back by our client, and expects the same bits. */
async function expectSame({ client, definition }: Made, rows: Rows): Promise<void> {
  const batch = batchOf(definition, rows);
  const of = { definition, partition: null, signal };
  expect((await client.write({ ...of, batch, mode: 'insert' })).rows).toBe(batch.rows);
  expect(await client.count(of)).toBe(batch.rows);
  const page = await client.read({ ...of, range: ALL });
  for (const [place, column] of batch.columns.entries()) {
    expect(page.batch.columns[place], column.field.name).toEqual(column);
  }
  // Overwriting what is there with itself changes nothing.
  await client.write({ ...of, batch: page.batch, mode: 'upsert' });
  expect((await client.read({ ...of, range: ALL })).batch).toEqual(page.batch);
}

describe.each(BOTH)('On %s', (_, address) => {
  it('numbers, text, JSON, arrays and dynamic values come back as they were written', async () => {
    const array = (name: string, elementType: FieldWish['elementType'] & string, more = {}): FieldWish => ({
      name,
      type: 'Array',
      elementType,
      params: { max_capacity: 8, ...more },
    });
    const fields: FieldWish[] = [
      ID,
      { name: 'bool', type: 'Bool' },
      { name: 'int8', type: 'Int8' },
      { name: 'int16', type: 'Int16' },
      { name: 'int32', type: 'Int32' },
      { name: 'int64', type: 'Int64' },
      { name: 'float', type: 'Float' },
      { name: 'double', type: 'Double' },
      { name: 'text', type: 'VarChar', params: { max_length: 100 } },
      { name: 'json', type: 'JSON' },
      array('bools', 'Bool'),
      array('ints', 'Int32'),
      array('longs', 'Int64'),
      array('floats', 'Float'),
      array('doubles', 'Double'),
      array('texts', 'VarChar', { max_length: 20 }),
      V,
    ];
    await withCollection(address, { fields, dynamic: true }, (made) =>
      expectSame(made, {
        id: [MIN, -1n, 0n, 2n ** 53n + 1n],
        bool: [1, 0, 1, 0],
        int8: [-128, 127, 0, -1],
        int16: [-32_768, 32_767, 0, -1],
        int32: [-(2 ** 31), 2 ** 31 - 1, 0, -1],
        int64: [MIN, 2n ** 63n - 1n, 0n, -1n],
        float: [-0.5, 3.4028234663852886e38, 1.401298464324817e-45, 0],
        double: [-0.1, Number.MAX_VALUE, Number.MIN_VALUE, 0],
        text: ['', 'é"\'\\\n\t', '😀', '\u0000'],
        json: ['{"a": 1}', '{}', '{"n": null}', '{"big": 9007199254740993}'],
        bools: [arrayRow('boolData', [true, false]), ...empties('boolData', 3)],
        ints: [arrayRow('intData', [-1, 200_000]), ...empties('intData', 3)],
        longs: [arrayRow('longData', [(2n ** 60n).toString(), '-3']), ...empties('longData', 3)],
        floats: [arrayRow('floatData', [0.5, -2]), ...empties('floatData', 3)],
        doubles: [arrayRow('doubleData', [0.1]), ...empties('doubleData', 3)],
        texts: [arrayRow('stringData', ['a', '', 'é']), ...empties('stringData', 3)],
        v: [floats(1, 2), floats(-3, 0.1), floats(0, 0), floats(5, 6)],
        $meta: ['{"extra": 1}', '{}', '{"deep": {"x": [1]}}', '{"e": "u"}'],
      }),
    );
  });

  it('varchar keys of every shape are found, bounded and counted one by one', async () => {
    const keys = [
      '',
      '\u0000',
      '\t',
      '\n',
      '\r\n',
      ' ',
      '"',
      '%',
      "'",
      'A',
      '\\',
      '\\\\',
      '\\n',
      '\\u0041',
      'a',
      'a"b',
      'a\nb',
      '\u007f',
      'é',
      '中文',
      '\ue000',
      '\uffff',
      '😀',
    ];
    const fields: FieldWish[] = [{ name: 'id', type: 'VarChar', primary: true, params: { max_length: 100 } }, V];
    await withCollection(address, { fields }, async ({ client, definition }) => {
      const of = { definition, partition: null, signal };
      const sorted = keys.map((key) => Buffer.from(key)).sort(Buffer.compare);
      const batch = batchOf(definition, { id: sorted.map(String), v: sorted.map(() => floats(1, 1)) });
      await client.write({ ...of, batch, mode: 'insert' });
      const readAt = (place: number): Promise<Page> => {
        const after = place === 0 ? null : String(sorted[place - 1]);
        return client.read({ ...of, range: { after, upTo: String(sorted[place]) } });
      };
      const pages = await Promise.all([...sorted.keys()].map(readAt));
      expect(pages.map(({ batch: found }) => found.columns[0]?.data)).toEqual(
        sorted.map((key) => ({ kind: 'bytes', values: [new Uint8Array(key)] })),
      );
      expect(await client.countKeys(of, keys)).toBe(keys.length);
      expect(await client.countKeys(of, ['"', '\\', 'not there'])).toBe(2);
      const bounds = await client.splitKeys(of, 5, keys.length);
      expect(bounds).toEqual([4, 9, 14, 19].map((place) => String(sorted[place])));
    });
  });

  it('int64 keys are bounded and counted at the edges, in any insert order', async () => {
    await withCollection(address, { fields: [ID, V] }, async ({ client, definition }) => {
      const of = { definition, partition: null, signal };
      const keys = [7n, MIN, 0n, -(2n ** 53n) - 1n, 2n ** 63n - 2n, MIN + 1n, -1n];
      const batch = batchOf(definition, { id: keys, v: keys.map((_, i) => floats(i, i)) });
      await client.write({ ...of, batch, mode: 'insert' });
      const read = async (after: bigint | null, upTo: bigint | null): Promise<bigint[]> => {
        const request = { ...of, range: { after, upTo } };
        const [page, counted] = await Promise.all([client.read(request), client.count(request)]);
        const [column] = page.batch.columns;
        const found = column?.data.kind === 'int64' ? [...column.data.values] : [];
        expect(counted).toBe(found.length);
        return found;
      };
      await Promise.all([
        expect(read(null, MIN)).resolves.toEqual([MIN]),
        expect(read(MIN, MIN + 1n)).resolves.toEqual([MIN + 1n]),
        expect(read(MIN + 1n, -1n)).resolves.toEqual([-(2n ** 53n) - 1n, -1n]),
        expect(read(-1n, null)).resolves.toEqual([0n, 7n, 2n ** 63n - 2n]),
        expect(read(7n, 7n)).resolves.toEqual([]),
      ]);
      expect(await client.countKeys(of, [MIN, 7n, 8n])).toBe(2);
    });
  });

  it('rows of a partition are read and counted apart', async () => {
    await withCollection(address, { fields: [ID, V] }, async ({ client, definition }) => {
      await client.createPartition(definition, 'other');
      await client.createPartition(definition, 'other');
      await client.load(definition, null);
      const batch = (...keys: bigint[]) => batchOf(definition, { id: keys, v: keys.map(() => floats(1, 2)) });
      const of = { definition, signal };
      await client.write({ ...of, partition: '_default', batch: batch(1n, 2n), mode: 'insert' });
      await client.write({ ...of, partition: 'other', batch: batch(3n), mode: 'insert' });
      expect(await client.count({ ...of, partition: 'other' })).toBe(1);
      expect((await client.read({ ...of, partition: '_default', range: ALL })).batch.rows).toBe(2);
      expect((await client.describe(definition)).partitions).toEqual([
        { name: '_default', loaded: true },
        { name: 'other', loaded: true },
      ]);
    });
  });

  it('partition keys and their number of partitions are kept', async () => {
    const fields: FieldWish[] = [
      ID,
      { name: 'tenant', type: 'VarChar', params: { max_length: 20 }, partitionKey: true },
      V,
    ];
    await withCollection(address, { fields, partitions: 4 }, async (made) => {
      expect(made.definition.partitionKeyMode).toBe(true);
      await expectSame(made, { id: [1n, 2n], tenant: ['a', 'b'], v: [floats(1, 1), floats(2, 2)] });
    });
  });

  it('keys of an auto-id collection can be kept', async () => {
    const fields: FieldWish[] = [{ ...ID, autoId: true }, V];
    // Milvus before 2.6 keeps given keys only in a collection without auto ids.
    const way = address === lite ? 'property' : 'plain';
    await withCollection(
      address,
      { fields },
      (made) => expectSame(made, { id: [5n, 9n], v: [floats(1, 1), floats(2, 2)] }),
      way,
    );
  });

  it('a stored vector is found by search', async () => {
    await withCollection(address, { fields: [ID, V] }, async ({ client, definition }) => {
      const batch = batchOf(definition, { id: [1n, 2n], v: [floats(1, 1), floats(9, 9)] });
      await client.write({ definition, partition: null, batch, mode: 'insert', signal });
      expect(await client.search({ definition, field: 'v', vector: floats(9, 9), limit: 1, signal })).toEqual([2n]);
    });
  });
});

const empties = (slot: string, count: number): Uint8Array[] => Array.from({ length: count }, () => arrayRow(slot, []));

describe('On Milvus 2.3.5', () => {
  it.each([
    ['BinaryVector', 16, (i: number) => Uint8Array.of(i, 255 - i)],
    ['Float16Vector', 2, (i: number) => Uint8Array.of(i, 0x3c, 0, 0x40)],
  ] as const)('%s come back as they were written', async (type, dim, row) => {
    const fields: FieldWish[] = [ID, { name: 'w', type, params: { dim } }];
    await withCollection(milvus, { fields }, (made) =>
      expectSame(made, { id: [1n, 2n, 3n], w: [row(1), row(2), row(3)] }),
    );
  });

  it('BFloat16Vector can be created, but not indexed and so never loaded', async () => {
    const fields: FieldWish[] = [ID, { name: 'w', type: 'BFloat16Vector', params: { dim: 2 } }];
    await expect(withCollection(milvus, { fields }, () => Promise.resolve())).rejects.toThrow(
      expect.objectContaining({ code: 'SOURCE_REJECTED', message: expect.stringContaining('CreateIndex') as string }),
    );
  });

  it('a field that may be null is refused, because the server would forget that it may', async () => {
    const fields: FieldWish[] = [ID, { name: 'n', type: 'Int64', nullable: true }, V];
    await expect(withCollection(milvus, { fields }, () => Promise.resolve())).rejects.toThrow(
      expect.objectContaining({ code: 'TARGET_UNSUPPORTED' }),
    );
  });
});

describe('On Milvus Lite', () => {
  it('nulls and given values of fields with a default come back as they were written', async () => {
    const nullable = true;
    const fields: FieldWish[] = [
      ID,
      { name: 'n', type: 'Int64', nullable },
      { name: 'd', type: 'Double', nullable },
      { name: 's', type: 'VarChar', nullable, params: { max_length: 20 } },
      { name: 'j', type: 'JSON', nullable },
      { name: 'a', type: 'Array', elementType: 'Int64', nullable, params: { max_capacity: 4 } },
      { name: 'none', type: 'Int32', nullable },
      { name: 'def', type: 'Int64', defaultValue: { longData: 42 } },
      V,
    ];
    await withCollection(lite, { fields }, (made) =>
      expectSame(made, {
        id: [1n, 2n, 3n],
        n: [null, 0n, -1n],
        d: [0, null, 0.5],
        s: ['', null, 'x'],
        j: [null, '{"a": 1}', '[]'],
        a: [arrayRow('longData', []), null, arrayRow('longData', ['7'])],
        none: [null, null, null],
        def: [42n, 0n, 7n],
        v: [floats(1, 2), floats(0, 0), floats(3, 4)],
      }),
    );
  });

  it('sparse vectors, geometry and timestamps come back as they were written', async () => {
    const fields: FieldWish[] = [
      ID,
      { name: 'sparse', type: 'SparseFloatVector' },
      { name: 'where', type: 'Geometry' },
      { name: 'when', type: 'Timestamptz' },
    ];
    await withCollection(lite, { fields }, (made) =>
      expectSame(made, {
        id: [1n, 2n],
        sparse: [sparseRow([3, 0.5], [70_000, 2]), sparseRow([0, 1])],
        where: ['POINT (1 2)', 'POLYGON ((0 0, 1 0, 1 1, 0 0))'],
        when: ['2024-02-29T12:00:00.123456Z', '1969-12-31T23:59:59Z'],
      }),
    );
  });

  it.each([
    ['sparse', { name: 'w', type: 'SparseFloatVector', nullable: true }, { v: [floats(1, 2)] }, [V]],
    ['dense', { name: 'w', type: 'FloatVector', nullable: true, params: { dim: 2 } }, {}, []],
  ] as const)('a null %s vector is refused, because another value would be stored', async (_, field, others, more) => {
    await withCollection(lite, { fields: [ID, field, ...more] }, async ({ client, definition }) => {
      const filled = batchOf(definition, { id: [1n], w: [floats(1, 2)], ...others });
      const columns = filled.columns.map((column) =>
        column.field.name === 'w' ? { ...column, valid: Uint8Array.of(0) } : column,
      );
      const batch = { ...filled, columns };
      await expect(client.write({ definition, partition: null, batch, mode: 'insert', signal })).rejects.toThrow(
        expect.objectContaining({ code: 'TARGET_UNSUPPORTED', message: expect.stringContaining(' w') as string }),
      );
    });
  });

  it('a field type that it does not serve is refused', async () => {
    const fields: FieldWish[] = [ID, { name: 'w', type: 'BinaryVector', params: { dim: 16 } }];
    await expect(withCollection(lite, { fields }, () => Promise.resolve())).rejects.toThrow(
      expect.objectContaining({ code: 'TARGET_UNSUPPORTED' }),
    );
  });
});
