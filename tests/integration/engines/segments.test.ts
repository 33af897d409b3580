import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createEngines, createSegmentsEngine, type Engine, type EngineSource } from '@milvault/engines';
import {
  initRepository,
  segmentsOf,
  type CollectionIndex,
  type Repository,
  type SegmentEntry,
} from '@milvault/repository';
import { systemClock, type Backup } from '@milvault/shared';
import { expect, test } from 'vitest';
import { engineCase } from '../../support/engine-case.ts';
import { addressOf, beginDraft, contextOf, engineDeps, restoreBackup, takeBackup } from '../../support/engine-run.ts';
import { filesBelow, temporaryFolder } from '../../support/folder.ts';
import { ask } from '../../support/oracle/ask.ts';
import { copiedStorage, importingEngine, milvusWithStorage, segmentsEngine } from '../../support/segments.ts';
import { servers } from '../../support/servers.ts';
import { dumpAll } from '../../support/shapes.ts';

const given = engineCase(() => servers().milvus, ['scalars', 'text_keys', 'dynamic']);
const REQUEST = { collections: [], partitions: [], suffix: '_r', rename: {}, aliases: false };

const nameOf = (shape: string): string => given.ref(shape).collection;
const newRepository = async (): Promise<Repository> =>
  initRepository(`${await temporaryFolder()}/repo`, { clock: systemClock });

const indexOf = async (repository: Repository, backup: Backup, collection: string): Promise<CollectionIndex> =>
  repository.index(await repository.manifest(backup.id), 'default', collection);

/** Files of Milvus that a backup wrote itself. */
async function ownFiles(repository: Repository, backup: Backup): Promise<{ field?: number; size: number }[]> {
  const manifest = await repository.manifest(backup.id);
  const own: { field?: number; size: number }[] = [];
  for (const { database, collection } of manifest.collections) {
    const { list } = segmentsOf(await repository.index(manifest, database, collection));
    own.push(...list.flatMap(({ files }) => files).filter(({ key }) => key.includes(`/${backup.id}/`)));
  }
  return own;
}

/** Number of the segment that stands for all others after a merge; Milvus merges when it likes to, so this is made here. */
const MERGED = '99';

interface MergedStorage {
  readonly source: EngineSource;
  /** Puts the merged segment's deletions there. */
  readonly addDeletions: () => Promise<void>;
}

/** A copy of the storage in which one segment has the rows of several. */
async function mergedStorage(collection: string, list: readonly SegmentEntry[]): Promise<MergedStorage> {
  const { source, folder, id } = await copiedStorage(given.client, collection);
  const merge = async (kind: string): Promise<void> => {
    const [partition] = await readdir(join(folder, kind, id));
    for (const segment of list) {
      const at = join(folder, kind, id, partition!);
      await cp(join(at, segment.id), join(at, MERGED), { recursive: true }).catch(() => undefined);
    }
  };
  await merge('insert_log');
  return { source, addDeletions: () => merge('delta_log') };
}

/**
 * An engine to whom Milvus names that segment from the first flush on, and that has its deletions written by the second
 * only: they waited for the segment while it was merged.
 */
function merging(list: readonly SegmentEntry[], { addDeletions }: MergedStorage): Engine {
  const rows = list.reduce((sum, one) => sum + one.rows, 0);
  return createSegmentsEngine({
    ...engineDeps,
    connect: (address) => {
      const client = engineDeps.connect(address);
      let flushes = 0;
      return {
        ...client,
        flush: async () => {
          flushes += 1;
          if (flushes === 2) await addDeletions();
        },
        persistentSegments: async (ref, signal) => {
          const segments = await client.persistentSegments(ref, signal);
          return flushes > 0 ? [{ ...segments[0]!, id: MERGED, rows }] : segments;
        },
      };
    },
  });
}

test('an incremental stores what Milvus added, next to nothing where nothing was, and all anew after a merge, with every deletion', async () => {
  const collection = `${given.prefix}_growth`;
  const repository = await newRepository();
  const take = async (base: string | null): Promise<Backup> =>
    (await takeBackup(segmentsEngine(), milvusWithStorage(), repository, { collections: [collection], base })).backup;
  await ask('growth', ['make', servers().milvus, collection, '4000', '64']);
  const full = await take(null);
  expect(full).toMatchObject({ type: 'full', engine: 'segments', rows: 4000, consistency: 'pinned' });

  await ask('growth', ['change', servers().milvus, collection, '4000', '64']);
  const grown = await take(full.id);
  expect(grown).toMatchObject({ type: 'incremental', rows: 4000 + 40 - 20, base: full.id });
  const added = await ownFiles(repository, grown);
  expect(added.filter(({ field }) => field === 101)).toHaveLength(1);
  expect(added.filter(({ field }) => field === undefined).length).toBeGreaterThan(0);
  expect(grown.bytes.own).toBeLessThan(full.bytes.own / 10);

  const same = await take(grown.id);
  expect(same).toMatchObject({ type: 'incremental', rows: grown.rows, bytes: { own: 0 } });
  const index = await indexOf(repository, same, collection);
  expect(JSON.stringify(index).length).toBeLessThan(100_000);

  const { list } = segmentsOf(await indexOf(repository, same, collection));
  const storage = await mergedStorage(collection, list);
  const merged = await takeBackup(merging(list, storage), storage.source, repository, {
    collections: [collection],
    base: same.id,
  });
  expect(merged.backup).toMatchObject({ type: 'full', rows: grown.rows, consistency: 'pinned' });

  const restored = { database: 'default', collection: `${collection}_r` };
  const [before] = await dumpAll(servers().milvus, [{ database: 'default', collection }]);
  for (const point of [grown, merged.backup]) {
    expect(await repository.verify(point.id, { level: 3 })).toMatchObject({ result: 'ok', rows: point.rows });
    const manifest = await repository.manifest(point.id);
    await restoreBackup(importingEngine(), milvusWithStorage(), repository, manifest, { suffix: '_r' });
    const [after] = await dumpAll(servers().milvus, [restored]);
    expect(after?.rows).toEqual(before?.rows);
    await given.client.drop(restored);
  }
}, 300_000);

test('the storage of another Milvus is refused before anything is written', async () => {
  const folder = await temporaryFolder();
  const foreign = { ...milvusWithStorage(), storage: { place: folder, access: null } };
  const repository = await newRepository();
  const request = { collections: [nameOf('scalars')] };
  await given.client.flush(given.ref('scalars'));
  await expect(segmentsEngine().planBackup(foreign, repository, request, contextOf())).rejects.toMatchObject({
    code: 'STORAGE_FOREIGN',
  });
  const taken = await takeBackup(segmentsEngine(), milvusWithStorage(), given.repository, request);
  const planning = importingEngine().planRestore(foreign, given.repository, taken.manifest, REQUEST, contextOf());
  await expect(planning).rejects.toMatchObject({ code: 'STORAGE_FOREIGN' });
  expect(await readdir(folder)).toEqual([]);
  expect(await repository.list()).toEqual([]);
});

test('a storage that is not there is named', async () => {
  const nowhere = { ...milvusWithStorage(), storage: { place: '/nonexistent/milvus', access: null } };
  const request = { collections: [nameOf('scalars')] };
  await expect(segmentsEngine().planBackup(nowhere, await newRepository(), request, contextOf())).rejects.toMatchObject(
    { code: 'STORAGE_UNREACHABLE' },
  );
});

test('a file that Milvus took away between list and copy asks for a new plan, and a half-written one is looked at again', async () => {
  const collection = nameOf('dynamic');
  const { source, folder } = await copiedStorage(given.client, collection);
  const [engine, context, repository] = [segmentsEngine(), contextOf(), await newRepository()];
  const plan = await engine.planBackup(source, repository, { collections: [collection] }, context);
  const draft = await beginDraft(repository, source.address, plan);
  const [file] = (await filesBelow(join(folder, 'insert_log'))).filter((path) => path.includes('/101/'));
  const bytes = await readFile(file!);
  const work = () =>
    engine.backupPart(
      source,
      repository,
      draft,
      plan.parts[0]!,
      `try-${Math.random()}`.slice(0, 20).replace('.', ''),
      context,
    );

  await rm(file!);
  await expect(work()).rejects.toMatchObject({ code: 'STORAGE_OBJECT_MISSING' });
  await writeFile(file!, bytes.subarray(0, bytes.length - 9));
  const [result] = await Promise.all([work(), systemClock.sleep(300).then(() => writeFile(file!, bytes))]);
  expect(result).toMatchObject({ rows: 20 });
  await writeFile(file!, Buffer.alloc(bytes.length, 7));
  await expect(work()).rejects.toMatchObject({ code: 'STORAGE_OBJECT_DAMAGED' });

  await rm(file!);
  const planned = await engine.planBackup(source, repository, { collections: [collection] }, context);
  const copying = engine.backupPart(source, repository, draft, planned.parts[0]!, 'less', context);
  await expect(copying).rejects.toMatchObject({ code: 'ROW_COUNT_MISMATCH' });
});

test('damage of a copied file is named by its level, nothing is restored, and it is not borrowed again', async () => {
  const folder = await temporaryFolder();
  const repository = await initRepository(`${folder}/repo`, { clock: systemClock });
  const request = { collections: [nameOf('text_keys')] };
  const source = milvusWithStorage();
  const { backup, manifest } = await takeBackup(segmentsEngine(), source, repository, request);
  const [segment] = segmentsOf(await indexOf(repository, backup, nameOf('text_keys'))).list;
  const path = join(folder, 'repo', segment!.files.find(({ field }) => field === 100)!.key);
  const bytes = await readFile(path);
  const changed = Uint8Array.from(bytes, (byte, i) => (i === bytes.length - 20 ? byte ^ 1 : byte));

  const later = await takeBackup(segmentsEngine(), source, repository, { ...request, base: backup.id });
  expect(later.backup).toMatchObject({ type: 'incremental', bytes: { own: 0 } });
  await writeFile(path, changed);
  expect(await repository.verify(later.backup.id, { level: 1 })).toMatchObject({ result: 'ok' });
  const report = await repository.verify(later.backup.id, { level: 2 });
  expect(report).toMatchObject({ result: 'damaged' });
  expect(report.damages).toMatchObject([
    { code: 'OBJECT_DAMAGED', collection: nameOf('text_keys'), rows: segment!.live },
  ]);
  // The backup that wrote the file is known as damaged, too.
  expect((await repository.find(backup.id)).proofs).toMatchObject([{ level: 2, result: 'damaged' }]);
  const restoring = restoreBackup(segmentsEngine(), source, repository, manifest, { suffix: '_x' });
  await expect(restoring).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });

  await writeFile(path, changed.subarray(1));
  expect(await repository.verify(backup.id, { level: 1 })).toMatchObject({ result: 'damaged' });
  await rm(path);
  expect((await repository.verify(backup.id, { level: 1 })).damages).toMatchObject([{ code: 'OBJECT_MISSING' }]);
});

test('auto takes segments where the storage is told and is that of this Milvus, else rows', async () => {
  const engines = createEngines(engineDeps);
  await given.client.flush(given.ref('scalars'));
  const empty = { ...milvusWithStorage(), storage: { place: await temporaryFolder(), access: null } };
  const lite = { ...addressOf(servers().lite), storage: { place: servers().milvusData, access: null } };
  const chosen = async (source: EngineSource) => (await engines.choose('auto', source, contextOf())).kind;
  expect(await chosen(milvusWithStorage())).toBe('segments');
  expect(await chosen(addressOf(servers().milvus))).toBe('rows');
  expect(await chosen(empty)).toBe('rows');
  expect(await chosen(lite)).toBe('rows');
  await expect(engines.choose('segments', empty, contextOf())).rejects.toMatchObject({ code: 'OPTION_UNSUPPORTED' });
});
