import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, EngineSource } from '@milvault/engines';
import { describe, expect, test } from 'vitest';
import { engineCase, rowsEngine } from '../../support/engine-case.ts';
import { addressOf, restoreBackup, takeBackup, type Taken } from '../../support/engine-run.ts';
import { ask } from '../../support/oracle/ask.ts';
import { milvusWithStorage, segmentsEngine } from '../../support/segments.ts';
import { servers } from '../../support/servers.ts';
import { dumpAll } from '../../support/shapes.ts';

/** Turns one bit in the middle of an object of a repository in a folder. */
async function flip(folder: string, key: string, at?: number): Promise<void> {
  const file = join(folder, key);
  const bytes = await readFile(file);
  const place = at ?? Math.floor(bytes.length / 2);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

describe('a damaged backup of rows', () => {
  const server = () => servers().lite;
  const given = engineCase(server, ['partitions', 'int_keys', 'scalars']);
  const named = (name: string): string => given.ref(name).collection;
  const mine = async (): Promise<string[]> =>
    (await given.client.collections('default')).filter((name) => name.startsWith(given.prefix)).sort();

  test('restores nothing, unless what is left is asked for: all of that, and the lost rows named and counted', async () => {
    const collections = ['partitions', 'int_keys', 'scalars'].map(named);
    const { manifest, backup } = await takeBackup(given.engine, server(), given.repository, { collections });
    const index = await given.repository.index(manifest, 'default', named('partitions'));
    const [chunk] = index.chunks;
    await flip(given.folder, chunk!.key);
    const whole = manifest.collections.find(({ collection }) => collection === named('int_keys'));
    await flip(given.folder, whole!.indexKey);

    const before = await mine();
    const strict = restoreBackup(given.engine, server(), given.repository, manifest, { suffix: '_strict' });
    await expect(strict).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect(await mine()).toEqual(before);

    const report = await restoreBackup(given.engine, server(), given.repository, manifest, {
      suffix: '_left',
      salvage: true,
    });
    expect(report.lost).toMatchObject([
      { collection: named('int_keys'), object: whole!.indexKey, rows: whole!.rows },
      {
        collection: named('partitions'),
        object: chunk!.key,
        partition: chunk!.partition,
        keyMin: chunk!.keyMin,
        keyMax: chunk!.keyMax,
        rows: chunk!.rows,
      },
    ]);
    expect(report.rows).toBe(backup.rows - whole!.rows - chunk!.rows);
    expect(report.collections).toMatchObject([
      {
        collection: named('partitions'),
        rowsExpected: index.rows,
        rowsRestored: index.rows - chunk!.rows,
        contentEqual: false,
      },
      { collection: named('scalars'), contentEqual: true },
    ]);
    expect(await mine()).toEqual([...before, `${named('partitions')}_left`, `${named('scalars')}_left`].sort());
    const [was, is] = await dumpAll(server(), [
      given.ref('partitions'),
      { database: 'default', collection: `${named('partitions')}_left` },
    ]);
    const left = was!.rows.filter((row) => (row as [string, unknown])[0] !== chunk!.partition);
    expect(left.length).toBe(index.rows - chunk!.rows);
    expect(is!.rows).toEqual(left);
  });

  test('loses a chunk whole where the list of its deleted rows is damaged, and no other', async () => {
    const { manifest } = await grown(rowsEngine(), addressOf(server()));
    const { chunks } = await given.repository.index(manifest, 'default', `${given.prefix}_grown`);
    const marked = chunks.find(({ deletions }) => deletions !== undefined);
    await flip(given.folder, marked!.deletions!.key, marked!.deletions!.offset + 1);
    const report = await restoreBackup(given.engine, server(), given.repository, manifest, {
      suffix: '_left',
      salvage: true,
    });
    expect(report.lost).toMatchObject([{ object: marked!.deletions!.key, rows: marked!.rows, keyMin: marked!.keyMin }]);
    expect(report.rows).toBe(4020 - marked!.rows);
  });

  const grown = (engine: Engine, source: EngineSource): Promise<Taken> =>
    growAndTake(engine, source, given.repository, `${given.prefix}_grown`);
});

describe('a damaged backup of segments', () => {
  const given = engineCase(() => servers().milvus, ['scalars']);

  test('loses the segments that are damaged, and no other', async () => {
    const collection = `${given.prefix}_grown`;
    const { manifest } = await growAndTake(segmentsEngine(), milvusWithStorage(), given.repository, collection);
    const index = await given.repository.index(manifest, 'default', collection);
    const last = index.segments!.list.reduce((a, b) => (a.rows < b.rows ? a : b));
    await flip(given.folder, last.files.find(({ field }) => field === 101)!.key);
    const report = await restoreBackup(segmentsEngine(), milvusWithStorage(), given.repository, manifest, {
      suffix: '_left',
      salvage: true,
    });
    expect(report.lost).toMatchObject([{ collection, partition: '_default', rows: last.live }]);
    expect(report.rows).toBe(4020 - last.live);
    const names = [collection, `${collection}_left`].map((name) => ({ database: 'default', collection: name }));
    const [was, is] = await dumpAll(servers().milvus, names);
    const known = new Set(was!.rows.map((row) => JSON.stringify(row)));
    expect(is!.rows.length).toBe(4020 - last.live);
    expect(is!.rows.filter((row) => !known.has(JSON.stringify(row)))).toEqual([]);
  });
});

/** A full of 4,000 rows; then an incremental of 60 rows that are new or written anew, and of 20 that are gone. */
async function growAndTake(
  engine: Engine,
  source: EngineSource,
  repository: Parameters<typeof takeBackup>[2],
  collection: string,
): Promise<Taken> {
  await ask('growth', ['make', source.address, collection, '4000', '8']);
  const full = await takeBackup(engine, source, repository, { collections: [collection] });
  await ask('growth', ['change', source.address, collection, '4000', '8']);
  const taken = await takeBackup(engine, source, repository, { collections: [collection], base: full.backup.id });
  expect(taken.backup).toMatchObject({ type: 'incremental', rows: 4020 });
  return taken;
}
