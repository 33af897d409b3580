import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createSegmentsEngine, type Engine, type EngineSource } from '@milvault/engines';
import type { ImportFiles } from '@milvault/milvus';
import { initRepository } from '@milvault/repository';
import { secret, systemClock } from '@milvault/shared';
import { describe, expect, onTestFinished, test } from 'vitest';
import { engineCase } from '../../support/engine-case.ts';
import { contextOf, engineDeps, restoreBackup, takeBackup } from '../../support/engine-run.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { s3Server } from '../../support/s3-servers.ts';
import { copiedStorage, milvusWithStorage, segmentsEngine } from '../../support/segments.ts';
import { servers } from '../../support/servers.ts';
import { dumpAll } from '../../support/shapes.ts';

/** The embedded Milvus 2.3.5 cannot keep its files in a bucket itself, so a bucket holds a copy of them. */
describe('a Milvus whose files lie in a bucket', () => {
  const given = engineCase(() => servers().milvus, ['scalars']);
  const store = s3Server('versitygw');
  const collection = (): string => given.ref('scalars').collection;
  const newRepository = async () => initRepository(`${await temporaryFolder()}/repo`, { clock: systemClock });

  async function inBucket(): Promise<EngineSource> {
    const { folder } = await copiedStorage(given.client, collection());
    const place = await store.newPlace('files of milvus');
    await store.fill(place, folder);
    return { ...milvusWithStorage(), storage: { place, access: store.access() } };
  }

  test('is backed up from there, fully and incrementally, and comes back as the oracle read it', async () => {
    const source = await inBucket();
    const request = { collections: [collection()] };
    const full = await takeBackup(segmentsEngine(), source, given.repository, request);
    const next = await takeBackup(segmentsEngine(), source, given.repository, { ...request, base: full.backup.id });
    expect(next.backup).toMatchObject({ type: 'incremental', rows: full.backup.rows });
    expect(next.backup.bytes.own).toBeLessThan(full.backup.bytes.own / 2);
    expect(await given.repository.verify(next.backup.id, { level: 3 })).toMatchObject({ result: 'ok' });
    await restoreBackup(segmentsEngine(), milvusWithStorage(), given.repository, next.manifest, { suffix: '_b' });
    const names = [collection(), `${collection()}_b`].map((one) => ({ database: 'default', collection: one }));
    const [before, after] = await dumpAll(servers().milvus, names);
    expect(after?.rows.length).toBe(full.backup.rows);
    expect(after?.rows).toEqual(before?.rows);
  });

  test('a restore puts the files there, asks for their import by keys of the bucket, and takes them away', async () => {
    const taken = await takeBackup(segmentsEngine(), milvusWithStorage(), given.repository, {
      collections: [collection()],
    });
    const target = await inBucket();
    const [, , , ...root] = target.storage!.place.split('/');
    const asked: ImportFiles[] = [];
    await restoreBackup(importsFrom(target, asked), target, given.repository, taken.manifest, { suffix: '_i' });
    const [one, ...more] = asked;
    expect(more).toEqual([]);
    expect(one?.insertLogs).toMatch(new RegExp(`^${root.join('/')}/milvault_restore/[0-9a-z]+/0/insert_log/1/2/$`));
    const names = [collection(), `${collection()}_i`].map((name) => ({ database: 'default', collection: name }));
    const [before, after] = await dumpAll(servers().milvus, names);
    expect(after?.rows.length).toBe(taken.backup.rows);
    expect(after?.rows).toEqual(before?.rows);
    expect((await store.keys(target.storage!.place)).filter((key) => key.includes('milvault_restore'))).toEqual([]);
  });

  /**
   * Milvus's side of an import from a bucket: what lies at the asked keys is imported by the real server from its own
   * folder, and told under the names that were asked for.
   */
  function importsFrom(target: EngineSource, asked: ImportFiles[]): Engine {
    const mirror = join(servers().milvusData, `mirror-${given.prefix}`);
    onTestFinished(() => rm(mirror, { recursive: true, force: true }));
    const folderOf = (logs: string): string => join(mirror, logs, '/');
    return createSegmentsEngine({
      ...engineDeps,
      importFromBytes: 0,
      connect: (address) => {
        const client = engineDeps.connect(address);
        return {
          ...client,
          // Of all collections of the shared server this bucket holds the files of one.
          collections: () => Promise.resolve([collection()]),
          startImport: async (ref, files, signal) => {
            asked.push(files);
            const [insertLogs, deltaLogs] = [files.insertLogs, files.deltaLogs].map((logs) => logs && folderOf(logs));
            for (const logs of [files.insertLogs, files.deltaLogs].filter(Boolean))
              await store.empty(target.storage!.place, logs, folderOf(logs));
            return client.startImport(ref, { ...files, insertLogs: insertLogs!, deltaLogs: deltaLogs! }, signal);
          },
          imports: async (ref, signal) =>
            (await client.imports(ref, signal)).map((task) => {
              const own = asked.find(({ insertLogs }) => folderOf(insertLogs) === task.insertLogs);
              return own === undefined ? task : { ...task, insertLogs: own.insertLogs };
            }),
        };
      },
    });
  }

  test.each([
    ['wrong keys', 'STORAGE_DENIED', async (place: string) => place],
    ['a bucket that is not there', 'STORAGE_UNREACHABLE', async () => 's3://nobody-made-this/files'],
    ['a bucket of something else', 'STORAGE_FOREIGN', async () => store.newPlace('something else')],
  ])('%s are named as %s, and nothing is written', async (name, code, placed) => {
    const source = await inBucket();
    const { place } = source.storage!;
    const credentials = { accessKey: secret('nobody'), secretKey: secret('wrong'), sessionToken: null };
    const access = name === 'wrong keys' ? store.access({ credentials }) : store.access();
    const wrong = { ...source, storage: { place: await placed(place), access } };
    const repository = await newRepository();
    const planning = segmentsEngine().planBackup(wrong, repository, { collections: [collection()] }, contextOf());
    await expect(planning).rejects.toMatchObject({ code });
    expect(await repository.list()).toEqual([]);
  });
});
