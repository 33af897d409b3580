import type { EngineSource } from '@milvault/engines';
import { initRepository } from '@milvault/repository';
import { secret, systemClock } from '@milvault/shared';
import { describe, expect, test } from 'vitest';
import { engineCase } from '../../support/engine-case.ts';
import { contextOf, restoreBackup, takeBackup } from '../../support/engine-run.ts';
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
