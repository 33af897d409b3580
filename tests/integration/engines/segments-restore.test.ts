import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createSegmentsEngine } from '@milvault/engines';
import type { MilvusClient } from '@milvault/milvus';
import { expect, test } from 'vitest';
import { engineCase } from '../../support/engine-case.ts';
import { contextOf, engineDeps, restoreBackup, takeBackup } from '../../support/engine-run.ts';
import { ask } from '../../support/oracle/ask.ts';
import { importingEngine, milvusWithStorage, segmentsEngine } from '../../support/segments.ts';
import { servers } from '../../support/servers.ts';
import { dropShapes, dumpAll, ownPrefix } from '../../support/shapes.ts';

const given = engineCase(() => servers().milvus, ['scalars', 'partitions', 'text_keys', 'dynamic', 'arrays']);
const REQUEST = { collections: [], partitions: [], suffix: '_r', rename: {}, aliases: false };

const nameOf = (shape: string): string => given.ref(shape).collection;

/** What a restore leaves in the storage while it goes on. */
const leftInStorage = async (): Promise<string[]> =>
  readdir(join(servers().milvusData, 'milvault_restore')).catch(() => []);

test('rows that were written again before they were flushed come back, although Import alone would lose them', async () => {
  const { repository } = given;
  const ref = given.ref('scalars');
  const [before] = await dumpAll(servers().milvus, [ref]);
  const { manifest } = await takeBackup(segmentsEngine(), milvusWithStorage(), repository, {
    collections: [nameOf('scalars')],
  });
  const collection = `${given.prefix}_again`;
  await ask('hammer', ['make', servers().milvus, collection]);
  await ask('hammer', ['write', servers().milvus, collection, '3', 'again']);
  const again = { database: 'default', collection };
  const taken = await takeBackup(segmentsEngine(), milvusWithStorage(), repository, { collections: [collection] });
  const [written] = await dumpAll(servers().milvus, [again]);
  expect(taken.backup.rows).toBe(written?.rows.length);
  await restoreBackup(importingEngine(), milvusWithStorage(), repository, taken.manifest, { suffix: '_r' });
  const [came] = await dumpAll(servers().milvus, [{ ...again, collection: `${collection}_r` }]);
  expect(came?.rows).toEqual(written?.rows);

  await restoreBackup(importingEngine(), milvusWithStorage(), repository, manifest, { suffix: '_s' });
  const [after] = await dumpAll(servers().milvus, [{ ...ref, collection: `${ref.collection}_s` }]);
  expect(after?.rows).toEqual(before?.rows);
}, 300_000);

test('a target that cannot import gets the rows one by one: Milvus without its storage, and Milvus Lite', async () => {
  const shapes = ['partitions', 'text_keys', 'dynamic', 'arrays'] as const;
  const refs = shapes.map((shape) => given.ref(shape));
  const before = await dumpAll(servers().milvus, refs);
  const { manifest } = await takeBackup(segmentsEngine(), milvusWithStorage(), given.repository, {
    collections: refs.map((one) => one.collection),
  });
  const prefix = ownPrefix();
  for (const target of [servers().milvus, servers().lite]) {
    const rename = Object.fromEntries(refs.map(({ collection }) => [collection, `${prefix}_${collection}`]));
    try {
      await restoreBackup(segmentsEngine(), target, given.repository, manifest, { rename });
      const after = await dumpAll(
        target,
        refs.map((one) => ({ ...one, collection: `${prefix}_${one.collection}` })),
      );
      for (const [i, shape] of shapes.entries()) expect(after[i]?.rows, shape).toEqual(before[i]?.rows);
    } finally {
      await dropShapes(target, prefix);
    }
  }
}, 300_000);

test('some partitions come back alone', async () => {
  const ref = given.ref('partitions');
  const { manifest } = await takeBackup(segmentsEngine(), milvusWithStorage(), given.repository, {
    collections: [ref.collection],
  });
  const report = await restoreBackup(importingEngine(), milvusWithStorage(), given.repository, manifest, {
    suffix: '_p',
    partitions: ['europe'],
  });
  expect(report.rows).toBe(15);
  const [before] = await dumpAll(servers().milvus, [ref]);
  const [after] = await dumpAll(servers().milvus, [{ ...ref, collection: `${ref.collection}_p` }]);
  const europe = (before?.rows as [string, unknown][]).filter(([partition]) => partition === 'europe');
  expect(after?.rows).toEqual(europe);
});

test('a part that is done again imports nothing twice', async () => {
  const [engine, target, context] = [importingEngine(), milvusWithStorage(), contextOf()];
  const { manifest } = await takeBackup(engine, target, given.repository, { collections: [nameOf('partitions')] });
  const planned = await engine.planRestore(target, given.repository, manifest, { ...REQUEST, suffix: '_d' }, context);
  try {
    const plan = await engine.beginRestore(target, given.repository, planned, context);
    for (const redo of [false, true]) {
      for (const part of plan.parts) {
        await engine.restorePart(target, given.repository, plan, part, { redo }, context);
      }
    }
    expect(await engine.finishRestore(target, given.repository, plan, context)).toMatchObject({ rows: 30 });
  } finally {
    await engine.abandonRestore(target, planned, context);
  }
});

test('an import that fails, or does not go on, is named, and nothing is left of it', async () => {
  const { manifest } = await takeBackup(segmentsEngine(), milvusWithStorage(), given.repository, {
    collections: [nameOf('dynamic')],
  });
  const engineOf = (stallMs: number, change: (client: MilvusClient) => Partial<MilvusClient>) =>
    createSegmentsEngine({
      ...engineDeps,
      connect: (address) => {
        const client = engineDeps.connect(address);
        return { ...client, ...change(client) };
      },
      importLimits: { limitMs: 60_000, stallMs, pollMs: 50 },
      importFromBytes: 0,
    });
  const elsewhere = engineOf(60_000, (client) => ({
    // As where Milvus sees its storage under another path than we do: the task is ours, the files are not there.
    startImport: (ref, files, signal) =>
      client.startImport(ref, { ...files, insertLogs: files.insertLogs.replace('/1/2/', '/1/3/') }, signal),
    imports: async (ref, signal) =>
      (await client.imports(ref, signal)).map((task) => ({
        ...task,
        insertLogs: task.insertLogs.replace('/1/3/', '/1/2/'),
      })),
  }));
  const stalled = engineOf(1_500, (client) => ({
    imports: async (ref, signal) =>
      (await client.imports(ref, signal)).map((task) => ({ ...task, state: 'working' as const, rows: 0, percent: 7 })),
  }));
  for (const [engine, code] of [
    [elsewhere, 'IMPORT_FAILED'],
    [stalled, 'IMPORT_STALLED'],
  ] as const) {
    const target = milvusWithStorage();
    const planned = await engine.planRestore(
      target,
      given.repository,
      manifest,
      { ...REQUEST, suffix: '_f' },
      contextOf(),
    );
    const plan = await engine.beginRestore(target, given.repository, planned, contextOf());
    const working = engine.restorePart(target, given.repository, plan, plan.parts[0]!, { redo: false }, contextOf());
    await expect(working).rejects.toMatchObject({ code });
    await engine.abandonRestore(target, plan, contextOf());
    const names = await given.client.collections('default');
    expect(names.filter((name) => name.startsWith(`${nameOf('dynamic')}_f`))).toEqual([]);
    const [token] = /[0-9a-z]+$/.exec(plan.collections[0]!.stagingCollection)!;
    expect(await leftInStorage()).not.toContain(token);
  }
}, 120_000);
