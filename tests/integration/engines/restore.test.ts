import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRowsEngine, type RestorePlan, type RestoreRequest } from '@milvault/engines';
import type { MilvusClient } from '@milvault/milvus';
import { beforeAll, describe, expect, test } from 'vitest';
import { engineCase } from '../../support/engine-case.ts';
import { addressOf, contextOf, engineDeps, restoreBackup, takeBackup, type Taken } from '../../support/engine-run.ts';
import { servers } from '../../support/servers.ts';
import { dumpAll } from '../../support/shapes.ts';

const SHAPES = ['partitions', 'partition_key', 'aliases', 'in_database'];
const REQUEST: RestoreRequest = { collections: [], partitions: [], suffix: null, rename: {}, aliases: false };

describe.each([
  ['Milvus 2.3.5', () => servers().milvus],
  ['Milvus Lite', () => servers().lite],
] as const)('%s', (_, server) => {
  const given = engineCase(server, SHAPES);
  const target = () => addressOf(server());
  const named = (name: string): string => given.ref(name).collection;
  let taken: Taken;

  beforeAll(async () => {
    const collections = SHAPES.map((name) => `${given.ref(name).database}.${named(name)}`);
    taken = await takeBackup(given.engine, server(), given.repository, { collections });
  });

  const plan = (request: Partial<RestoreRequest>): Promise<RestorePlan> =>
    given.engine.planRestore(target(), given.repository, taken.manifest, { ...REQUEST, ...request }, contextOf());
  const restore = (request: Partial<RestoreRequest>) =>
    restoreBackup(given.engine, server(), given.repository, taken.manifest, request);
  const engineWith = (change: Partial<MilvusClient>) =>
    createRowsEngine({ ...engineDeps, connect: (address) => ({ ...engineDeps.connect(address), ...change }) });
  const mine = async (): Promise<string[]> =>
    (await given.client.collections('default')).filter((name) => name.includes(given.prefix)).sort();

  test('a restore that crashed after half of its parts and was done over ends equal', async () => {
    const whole = await plan({
      collections: [named('partitions')],
      rename: { [named('partitions')]: `${given.prefix}_redone` },
    });
    // One chunk a part, so that there is a half.
    const chunks = whole.collections[0]?.index.chunks ?? [];
    const parted = { ...whole, parts: chunks.map((_, i) => ({ number: i, collection: 0, chunks: [i] })) };
    const part = (i: number, redo: boolean) => {
      const one = parted.parts[i];
      if (one === undefined) throw new Error(`no part ${i}`);
      return given.engine.restorePart(target(), given.repository, parted, one, { redo }, contextOf());
    };
    await given.engine.beginRestore(target(), given.repository, parted, contextOf());
    await part(0, false);
    await part(1, false);
    await given.engine.beginRestore(target(), given.repository, parted, contextOf());
    await part(0, true);
    await part(1, true);
    await part(2, false);
    const first = await given.engine.finishRestore(target(), given.repository, parted, contextOf());
    const second = await given.engine.finishRestore(target(), given.repository, parted, contextOf());
    expect(second.collections).toEqual(first.collections);
    const [was, is] = await dumpAll(server(), [
      given.ref('partitions'),
      { database: 'default', collection: `${given.prefix}_redone` },
    ]);
    expect(is?.rows).toEqual(was?.rows);
    expect(is?.partitions).toEqual(was?.partitions);
  });

  test('a plan touches nothing, and what a process leaves that died in the trial is dropped by its plan', async () => {
    const before = await mine();
    const whole = await plan({ collections: [named('partitions')], suffix: '_tried' });
    expect(await mine()).toEqual(before);
    const dead = (): Promise<never> => Promise.reject(new Error('the process died'));
    for (const change of [{ createIndex: dead, drop: dead }, { drop: dead }]) {
      const dying = engineWith(change).beginRestore(target(), given.repository, whole, contextOf());
      await expect(dying).rejects.toThrow('died');
      expect(await mine()).not.toEqual(before);
      await given.engine.abandonRestore(target(), whole, contextOf());
      expect(await mine()).toEqual(before);
    }
  });

  test('a staging collection that vanished is not made anew, where nobody would drop it', async () => {
    const whole = await plan({ collections: [named('partitions')], suffix: '_vanished' });
    await given.engine.beginRestore(target(), given.repository, whole, contextOf());
    const staging = { database: 'default', collection: whole.collections[0]?.stagingCollection ?? '' };
    const late = engineWith({
      // Dropped by the process that owns the run now, right after this one looked.
      hasCollection: async (ref, signal) => {
        const there = await given.client.hasCollection(ref, signal);
        if (there && ref.collection === staging.collection) await given.client.drop(staging);
        return there;
      },
    });
    const finishing = late.finishRestore(target(), given.repository, whole, contextOf());
    await expect(finishing).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' });
    expect((await mine()).filter((name) => name.includes('__milvault_'))).toEqual([]);
  });

  test('rows that are missing are found, named by their keys, and the target keeps its name free', async () => {
    const whole = await plan({ collections: [named('partitions')], suffix: '_short' });
    await given.engine.beginRestore(target(), given.repository, whole, contextOf());
    const part = { ...whole.parts[0], number: 0, collection: 0, chunks: [0] };
    await given.engine.restorePart(target(), given.repository, whole, part, { redo: false }, contextOf());
    const finishing = given.engine.finishRestore(target(), given.repository, whole, contextOf());
    await expect(finishing).rejects.toMatchObject({ code: 'RESTORE_MISMATCH' });
    expect(await mine()).not.toContain(`${named('partitions')}_short`);
    await given.engine.abandonRestore(target(), whole, contextOf());
    await given.engine.abandonRestore(target(), whole, contextOf());
    expect((await mine()).filter((name) => name.includes('__milvault_'))).toEqual([]);
  });

  test('rows that differ are found although their number is right', async () => {
    const whole = await plan({ collections: [named('aliases')], suffix: '_differs' });
    const [planned] = whole.collections;
    if (planned === undefined) throw new Error('nothing planned');
    const [chunk] = planned.index.chunks;
    const lying = {
      ...whole,
      collections: [{ ...planned, index: { ...planned.index, chunks: [{ ...chunk!, contentSum: '1'.repeat(32) }] } }],
    };
    await given.engine.beginRestore(target(), given.repository, whole, contextOf());
    for (const part of whole.parts) {
      await given.engine.restorePart(target(), given.repository, whole, part, { redo: false }, contextOf());
    }
    await expect(given.engine.finishRestore(target(), given.repository, lying, contextOf())).rejects.toMatchObject({
      code: 'RESTORE_MISMATCH',
      details: { differing: ['keys 0 to 2 (3 saved, 3 restored)'] },
    });
    await given.engine.abandonRestore(target(), whole, contextOf());
  });

  test('a name that is taken is told before anything is touched', async () => {
    const before = await mine();
    await expect(plan({ collections: [named('aliases')], suffix: '' })).rejects.toMatchObject({
      code: 'TARGET_EXISTS',
    });
    const onAlias = plan({
      collections: [named('aliases')],
      rename: { [named('aliases')]: `${given.prefix}_alias_a` },
    });
    await expect(onAlias).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
    const two = plan({ rename: { [named('aliases')]: 'same_name', [named('partitions')]: 'same_name' } });
    await expect(two).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
    expect(await mine()).toEqual(before);
  });

  test('a name that is taken meanwhile is not replaced', async () => {
    const whole = await plan({ collections: [named('aliases')], suffix: '_late' });
    await given.engine.beginRestore(target(), given.repository, whole, contextOf());
    for (const part of whole.parts) {
      await given.engine.restorePart(target(), given.repository, whole, part, { redo: false }, contextOf());
    }
    const intruder = { ...(await given.client.describe(given.ref('aliases'))), collection: `${named('aliases')}_late` };
    await given.client.createCollection(intruder, { autoId: 'plain' });
    await expect(given.engine.finishRestore(target(), given.repository, whole, contextOf())).rejects.toMatchObject({
      code: 'TARGET_EXISTS',
    });
    await given.engine.abandonRestore(target(), whole, contextOf());
    expect(await mine()).toContain(`${named('aliases')}_late`);
    await given.client.drop(intruder);
  });

  test('names that the backup does not hold are told', async () => {
    await expect(plan({ collections: ['nothing'] })).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' });
    await expect(plan({ rename: { nothing: 'x' } })).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' });
    await expect(
      plan({ collections: [named('aliases')], rename: { [named('partitions')]: 'x' } }),
    ).rejects.toMatchObject({
      code: 'COLLECTION_NOT_FOUND',
    });
    await expect(
      plan({ collections: [named('aliases')], rename: { [named('aliases')]: '../x' } }),
    ).rejects.toMatchObject({
      code: 'NAME_INVALID',
    });
    await expect(plan({ collections: [named('partitions')], partitions: ['atlantis'] })).rejects.toMatchObject({
      code: 'PARTITION_NOT_FOUND',
    });
    await expect(plan({ collections: [named('partition_key')], partitions: ['europe'] })).rejects.toMatchObject({
      code: 'OPTION_UNSUPPORTED',
    });
  });

  test('single partitions come back alone; collections without them are left out with a warning', async () => {
    const report = await restore({
      collections: [named('partitions'), named('aliases')],
      partitions: ['europe', 'empty'],
      suffix: '_some',
    });
    expect(report.collections.map((one) => [one.collection, one.rowsRestored])).toEqual([[named('partitions'), 15]]);
    expect(report.warnings).toMatchObject([{ code: 'COLLECTION_LEFT_OUT', collection: named('aliases') }]);
    const [was, is] = await dumpAll(server(), [
      given.ref('partitions'),
      { database: 'default', collection: `${named('partitions')}_some` },
    ]);
    expect(is?.rows).toEqual(was?.rows.filter((row) => (row as [string])[0] === 'europe'));
    expect(is?.partitions).toEqual(['_default', 'empty', 'europe']);
  });

  test('a collection comes back in a database that is made for it', async () => {
    const rename = { [`${given.ref('in_database').database}.${named('in_database')}`]: `${given.prefix}_new.films` };
    const report = await restore({ collections: [`${given.ref('in_database').database}.*`], rename });
    expect(report.collections).toMatchObject([
      { targetDatabase: `${given.prefix}_new`, targetCollection: 'films', rowsRestored: 3 },
    ]);
    await given.client.drop({ database: `${given.prefix}_new`, collection: 'films' });
  });

  test('a database that was made for nothing is removed again', async () => {
    const rename = { [named('aliases')]: `${given.prefix}_never.films` };
    const whole = await plan({ collections: [named('aliases')], rename });
    await given.engine.beginRestore(target(), given.repository, whole, contextOf());
    await given.engine.abandonRestore(target(), whole, contextOf());
    expect((await given.client.databases()).map((one) => one.name)).not.toContain(`${given.prefix}_never`);
  });

  test('an alias that is elsewhere is left alone, with a warning', async () => {
    const report = await restore({ collections: [named('aliases')], suffix: '_aliased', aliases: true });
    expect(report.warnings.map((one) => one.code)).toEqual(['ALIAS_LEFT_ALONE', 'ALIAS_LEFT_ALONE']);
    expect((await given.client.describe(given.ref('aliases'))).aliases).toHaveLength(2);
  });

  test('a damaged backup is refused before the target is touched', async () => {
    const before = await mine();
    const other = await takeBackup(given.engine, server(), given.repository, {
      collections: [named('aliases'), named('partition_key')],
    });
    const index = await given.repository.index(other.manifest, 'default', named('aliases'));
    const path = join(given.folder, index.chunks[0]?.key ?? 'none');
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
    await writeFile(path, bytes);
    const planning = given.engine.planRestore(target(), given.repository, other.manifest, REQUEST, contextOf());
    await expect(planning).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(await mine()).toEqual(before);
    // What is sound of it can still be had.
    const sound = await restoreBackup(given.engine, server(), given.repository, other.manifest, {
      collections: [named('partition_key')],
      suffix: '_sound',
    });
    expect(sound.rows).toBe(50);
    expect(await readdir(given.folder)).not.toHaveLength(0);
  });
});
