import type { ChunkEntry, CollectionIndex, Manifest } from '@milvault/repository';
import type { CollectionDefinition } from '@milvault/shared';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createChunker } from '../../../packages/engines/src/rows/backup/chunker.ts';
import { groupBounds, PART_BYTES } from '../../../packages/engines/src/rows/backup/cut-keys.ts';
import { requireUnchanged } from '../../../packages/engines/src/rows/backup/unchanged.ts';
import { collectionDoubts, obstacles, olderThan, serverDoubts } from '../../../packages/engines/src/rows/doubts.ts';
import { estimateRowBytes } from '../../../packages/engines/src/rows/row-size.ts';
import { partsOf } from '../../../packages/engines/src/rows/restore/plan-restore.ts';
import { chooseTargets, onlyPartitions } from '../../../packages/engines/src/rows/restore/targets.ts';
import { keysOf } from '../../../packages/engines/src/rows/batches.ts';
import { batchOf, definition } from './memory-client.ts';

test('parts cover all keys without gap or overlap, and are of about equal size', () => {
  const bounds = fc.uniqueArray(fc.bigInt(), { maxLength: 200 }).map((keys) => keys.sort((a, b) => (a < b ? -1 : 1)));
  fc.assert(
    fc.property(
      bounds,
      fc.integer({ min: 1, max: 5_000_000 }),
      fc.integer({ min: 1, max: 5000 }),
      (keys, rows, rowBytes) => {
        const groups = groupBounds({ bounds: keys, rowBytes }, rows);
        expect(groups[0]?.after).toBeNull();
        expect(groups.at(-1)?.upTo).toBeNull();
        for (const [i, group] of groups.entries()) expect(group.after).toBe(i === 0 ? null : groups[i - 1]?.upTo);
        const edges = groups.flatMap((group) => [...group.bounds, ...(group.upTo === null ? [] : [group.upTo])]);
        expect(edges).toEqual(keys);
        expect(groups.length).toBe(Math.min(keys.length + 1, Math.max(1, Math.ceil((rows * rowBytes) / PART_BYTES))));
      },
    ),
  );
});

test('chunks hold all rows in order, each about as large as wanted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 30 }), async (sizes) => {
      let next = 0n;
      const pages = sizes.map((size) => batchOf(Array.from({ length: size }, () => next++)));
      const chunker = createChunker(20 * 8, (batch) => Promise.resolve(batch));
      for (const page of pages) await chunker.add(page);
      const chunks = await chunker.end();
      expect(chunks.flatMap(keysOf)).toEqual(Array.from({ length: Number(next) }, (_, i) => BigInt(i)));
      for (const chunk of chunks.slice(0, -1)) expect(chunk.rows).toBeGreaterThanOrEqual(14);
      for (const chunk of chunks) expect(chunk.rows).toBeLessThanOrEqual(30);
    }),
  );
});

test('a chunk that cannot be stored fails the next step with its own error', async () => {
  const full = new Error('full');
  const chunker = createChunker(8, () => Promise.reject(full));
  await chunker.add(batchOf([1n]));
  await expect(chunker.add(batchOf([2n])).then(() => chunker.end())).rejects.toBe(full);
  await chunker.close();
});

const field = (name: string, rest: Partial<CollectionDefinition['fields'][number]>) => ({
  ...definition.fields[0]!,
  name,
  primaryKey: false,
  ...rest,
});

test('the size of a row is exact where every field has a fixed one', () => {
  const fixed = {
    ...definition,
    fields: [
      ...definition.fields,
      field('v', { type: 'FloatVector', dim: 256 }),
      field('b', { type: 'BinaryVector', dim: 64 }),
    ],
  };
  expect(estimateRowBytes(fixed)).toEqual({ bytes: 8 + 1024 + 8, exact: true });
  expect(estimateRowBytes({ ...fixed, fields: [...fixed.fields, field('t', { type: 'VarChar' })] }).exact).toBe(false);
});

test('versions are compared by number; odd names are older than nothing', () => {
  expect(olderThan('v2.3.5-lite', 2, 4, 3)).toBe(true);
  expect(olderThan('2.4.3', 2, 4, 3)).toBe(false);
  expect(olderThan('2.10.0', 2, 4, 3)).toBe(false);
  expect(olderThan('v1.9.9', 2, 4, 3)).toBe(true);
  expect(olderThan('master-20250101', 2, 4, 3)).toBe(false);
});

test('doubts are named for what is doubtful, and only for that', () => {
  const codes = (one: CollectionDefinition) => collectionDoubts(one).map((warning) => warning.code);
  expect(codes(definition)).toEqual([]);
  expect(codes({ ...definition, consistencyLevel: null })).toEqual(['CONSISTENCY_LEVEL_HIDDEN']);
  expect(codes({ ...definition, properties: [{ key: 'collection.ttl.seconds', value: '60' }] })).toEqual(['TTL_SET']);
  expect(codes({ ...definition, properties: [{ key: 'collection.ttl.seconds', value: '0' }] })).toEqual([]);
  expect(codes({ ...definition, fields: [field('sparse', { functionOutput: true })] })).toEqual([
    'FUNCTION_OUTPUT_NOT_SAVED',
  ]);
  const auto = { ...definition, fields: [field('id', { autoId: true })] };
  expect(codes(auto)).toEqual(['AUTO_IDS_DEPEND_ON_TARGET']);
  expect(codes({ ...auto, properties: [{ key: 'allow_insert_auto_id', value: 'true' }] })).toEqual([]);
  expect(obstacles({ ...definition, loaded: false }).map((one) => one.code)).toEqual(['COLLECTION_NOT_LOADED']);
  expect(obstacles({ ...definition, partitions: [{ name: 'p', loaded: false }] }).map((one) => one.code)).toEqual([
    'PARTITION_NOT_LOADED',
  ]);
  expect(serverDoubts({ lite: true, version: 'milvus_lite-3.2.2' }, []).map((one) => one.code)).toEqual(['IDS_HIDDEN']);
});

test('a changed id, field or partition is COLLECTION_CHANGED; a new alias or index is not', () => {
  const changes: Partial<CollectionDefinition>[] = [
    { collectionId: '2' },
    { fields: [...definition.fields, field('new', {})] },
    { partitions: [] },
    { partitionKeyMode: true },
  ];
  for (const change of changes) {
    expect(() => requireUnchanged(definition, { ...definition, ...change })).toThrow(/changed/);
  }
  requireUnchanged(definition, {
    ...definition,
    aliases: ['a'],
    indexes: [{ field: 'v', name: 'v', params: [] }],
    loaded: false,
  });
});

const manifest = {
  collections: [
    { database: 'default', collection: 'a' },
    { database: 'default', collection: 'b.c' },
    { database: 'b', collection: 'c' },
  ],
  // Only the names are looked at.
} as unknown as Manifest;
const request = { collections: [], partitions: [], suffix: null, rename: {}, aliases: false };
const targets = (change: Partial<Parameters<typeof chooseTargets>[1]>) =>
  chooseTargets(manifest, { ...request, ...change }).map(({ to }) => `${to.database}/${to.collection}`);

test('restored collections get a suffix, unless they are renamed', () => {
  expect(targets({})).toEqual(['default/a_restored', 'default/b.c_restored', 'b/c_restored']);
  expect(targets({ suffix: '' })).toEqual(['default/a', 'default/b.c', 'b/c']);
  expect(targets({ collections: ['a'], rename: { a: 'x' } })).toEqual(['default/x']);
  expect(targets({ collections: ['a'], rename: { 'default.a': 'other.x' } })).toEqual(['other/x']);
  expect(() => targets({ rename: { 'b.c': 'x' } })).toThrow(/one of several/);
  expect(targets({ rename: { 'default.b.c': 'x' } })).toEqual(['default/a_restored', 'default/x', 'b/c_restored']);
  expect(() => targets({ rename: { a: 'same', 'default.b.c': 'same' } })).toThrow(/as same/);
});

const chunk = (partition: string, size: number, rows: number): ChunkEntry => ({
  key: 'k',
  size,
  sha256: '',
  rows,
  partition,
  keyMin: '0',
  keyMax: '1',
  contentSum: '0'.repeat(31) + '1',
});
const index: CollectionIndex = {
  definition: {
    ...definition,
    partitions: [
      { name: 'p', loaded: true },
      { name: 'q', loaded: true },
    ],
  },
  primaryKey: 'id',
  rows: 6,
  contentSum: '0'.repeat(31) + '3',
  counted: { before: 6, after: 6 },
  shadowedDuplicates: 0,
  chunks: [chunk('p', 40e6, 1), chunk('q', 40e6, 2), chunk('q', 20e6, 3)],
};

test('an index less some partitions adds up again', () => {
  expect(onlyPartitions(index, ['q'])).toMatchObject({ rows: 5, contentSum: '0'.repeat(31) + '2' });
  expect(onlyPartitions(index, ['q']).definition.partitions).toEqual([{ name: 'q', loaded: true }]);
});

test('every chunk is in exactly one part of the restore', () => {
  expect(partsOf([index, index])).toEqual([
    { number: 0, collection: 0, chunks: [0] },
    { number: 1, collection: 0, chunks: [1, 2] },
    { number: 2, collection: 1, chunks: [0] },
    { number: 3, collection: 1, chunks: [1, 2] },
  ]);
});
