import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { initRepository, openRepository, openStorage, type Repository, type StorageDriver } from '@milvault/repository';
import { createLogger, fail, hasCode, newId, systemClock, type ErrorCode } from '@milvault/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { DAY, repositoryInFolder, SOURCE, takeBackup, testClock, type TestClock } from '../../support/repository.ts';
import { s3Server } from '../../support/s3-servers.ts';

const HOUR = 3_600_000;
const code = (wanted: ErrorCode) => (error: unknown) => hasCode(error, wanted);
const RULES = [{ sourceId: SOURCE.sourceId, plan: 'nightly', policy: { days: 7 }, timeZone: 'UTC' }];
const RUN = { rules: RULES, dryRun: false, active: [] };

const inFolder = () => async (clock: TestClock) => openStorage(join(await temporaryFolder(), 'repo'), clock);
function inBucket() {
  const store = s3Server('versitygw');
  return async (clock: TestClock) => openStorage(await store.newPlace(), clock, store.access());
}

describe.each([
  ['a folder', inFolder],
  ['a bucket', inBucket],
] as const)('a backup that is read, in %s', (_title, where) => {
  const newStorage = where();
  let clock: TestClock;
  let repository: Repository;
  let storage: StorageDriver;
  let id: string;
  beforeEach(async () => {
    clock = testClock(systemClock.now());
    storage = await newStorage(clock);
    repository = await initRepository('', { clock, storage });
    ({ id } = await takeBackup(repository, { plan: 'nightly' }));
    await takeBackup(repository, { plan: 'nightly' });
  });
  const marks = async (): Promise<string[]> => {
    const keys: string[] = [];
    for await (const { key } of storage.list('reading/')) keys.push(key);
    return keys;
  };
  const read = (reader: string, hours = 2) =>
    repository.beginReading(id, { reader, until: clock.now() + hours * HOUR });

  it('is not deleted before the last reader has ended, by hand, by force or by a clean-up', async () => {
    await read('run 1');
    await read('run 2');
    for (const force of [false, true]) {
      await expect(repository.remove(id, { force })).rejects.toSatisfy(code('BACKUP_NEEDED'));
    }
    await repository.endReading(id, 'run 1');
    clock.advance(30 * DAY);
    await read('run 2');
    await takeBackup(repository, { plan: 'nightly' });
    const report = await repository.cleanup(RUN);
    expect(report).toMatchObject({ failed: [] });
    expect(report.kept).toContainEqual({ id, reason: expect.stringContaining('reads it') as string });
    expect([...(await repository.leaving())]).toEqual([]);
    expect((await repository.verify(id, { level: 3 })).result).toBe('ok');
    await repository.endReading(id, 'run 2');
    expect((await repository.cleanup(RUN)).removed.map((one) => one.id)).toContain(id);
    expect(await marks()).toEqual([]);
  });

  it('is kept by a reader that died until its time, which a later word of it renews', async () => {
    await read('run 1');
    clock.advance(HOUR);
    await read('run 1');
    expect(await marks()).toHaveLength(1);
    clock.advance(1.5 * HOUR);
    await expect(repository.remove(id, { force: false })).rejects.toSatisfy(code('BACKUP_NEEDED'));
    clock.advance(HOUR);
    expect(await repository.cleanup({ ...RUN, dryRun: true })).toMatchObject({ orphans: 1 });
    expect(await repository.cleanup(RUN)).toMatchObject({ removed: [], orphans: 1 });
    expect(await marks()).toEqual([]);
    await repository.remove(id, { force: false });
  });

  it('is not begun to be read while somebody deletes it', async () => {
    const marker = `deleting/${SOURCE.sourceId}/${id}/${newId(clock)}`;
    await storage.put(marker, Buffer.from('{}'));
    await expect(read('run 1')).rejects.toSatisfy(code('BACKUP_NOT_FOUND'));
    expect(await marks()).toEqual([]);
  });

  it('leaves no mark where it was deleted, and is not found any more', async () => {
    await read('run 1', -1);
    await repository.remove(id, { force: false });
    expect(await marks()).toEqual([]);
    await expect(read('run 1')).rejects.toSatisfy(code('BACKUP_NOT_FOUND'));
    await expect(repository.endReading(id, 'run 1')).rejects.toSatisfy(code('BACKUP_NOT_FOUND'));
  });

  it('is not called damaged by a check that meets its deletion', async () => {
    let deletion: Promise<void> | undefined;
    // Deleted between the first look of the check and its read of the data.
    const read = async (key: string, bytes: () => Promise<Uint8Array>): Promise<Uint8Array> => {
      if (key.endsWith('.parquet')) await (deletion ??= repository.remove(id, { force: false }));
      return bytes();
    };
    const slow: StorageDriver = {
      ...storage,
      get: (key) => read(key, () => storage.get(key)),
      getRange: (key, offset, length) => read(key, () => storage.getRange(key, offset, length)),
    };
    const checking = (await openRepository('', { clock, storage: slow })).verify(id, { level: 3 });
    await expect(checking).rejects.toSatisfy(code('BACKUP_NOT_FOUND'));
  });
});

it('a repository that cannot be written is read all the same, and that is logged', async () => {
  const { place, clock, repository } = await repositoryInFolder();
  const { id } = await takeBackup(repository, { plan: 'nightly' });
  const log = join(await temporaryFolder(), 'log');
  const logger = createLogger({ name: 'test', level: 'warn', fd: openSync(log, 'a') });
  const storage: StorageDriver = {
    ...openStorage(place, clock),
    create: () => Promise.reject(fail('REPO_NOT_WRITABLE', { what: 'The file system is read-only' })),
  };
  const readOnly = await openRepository(place, { clock, storage, logger });
  await readOnly.beginReading(id, { reader: 'run 1', until: clock.now() + HOUR });
  expect(readFileSync(log, 'utf8')).toContain('nothing keeps the backup from being deleted while it is read');
  await readOnly.endReading(id, 'run 1');
});
