import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { initRepository, openRepository, openStorage, type Repository, type StorageDriver } from '@milvault/repository';
import { hasCode, newId, systemClock, type ErrorCode } from '@milvault/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import { beginIncremental, borrowFilms, filmsOf, indexOfFilms, takeIncremental } from '../../support/borrowing.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { DAY, SOURCE, takeBackup, testClock, type TestClock } from '../../support/repository.ts';
import { s3Server } from '../../support/s3-servers.ts';
import { servers } from '../../support/servers.ts';

const code = (wanted: ErrorCode) => (error: unknown) => hasCode(error, wanted);
const RULES = [{ sourceId: SOURCE.sourceId, plan: 'nightly', policy: { days: 7 }, timeZone: 'UTC' }];
const RUN = { rules: RULES, dryRun: false, active: [] };

/** Where the repository of a test lies. */
interface Where {
  readonly newStorage: (clock: TestClock) => Promise<StorageDriver>;
  /** Writes an object as nobody may: over one that is there. */
  readonly overwrite: (storage: StorageDriver, key: string, bytes: Uint8Array) => Promise<void>;
}

const inFolder = (): Where => ({
  newStorage: async (clock) => openStorage(join(await temporaryFolder(), 'repo'), clock),
  overwrite: async ({ place }, key, bytes) => {
    await chmod(join(place, key), 0o600);
    await writeFile(join(place, key), bytes);
  },
});

function inBucket(): Where {
  const store = s3Server('versitygw');
  return {
    newStorage: async (clock) => openStorage(await store.newPlace(), clock, store.access()),
    overwrite: (storage, key, bytes) => storage.put(key, bytes),
  };
}

/** All objects as files: what a reader that knows only folders needs. */
async function download(storage: StorageDriver): Promise<string> {
  const folder = await temporaryFolder();
  for await (const { key } of storage.list('')) {
    await mkdir(dirname(join(folder, key)), { recursive: true });
    await writeFile(join(folder, key), await storage.get(key));
  }
  return folder;
}

describe.each([
  ['a folder', inFolder],
  ['a bucket', inBucket],
] as const)('a backup that borrows, in %s', (_title, where) => {
  const { newStorage, overwrite } = where();
  let clock: TestClock;
  let repository: Repository;
  let storage: StorageDriver;
  beforeEach(async () => {
    clock = testClock(systemClock.now());
    storage = await newStorage(clock);
    repository = await initRepository('', { clock, storage });
  });

  const full = async (): Promise<string> => (await takeBackup(repository, { plan: 'nightly' })).id;
  const keys = async (prefix: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of storage.list(prefix)) found.push(key);
    return found;
  };
  const ids = async (id: string): Promise<number[]> => {
    const index = await indexOfFilms(repository, id);
    const batches = await Promise.all(index.chunks.map((chunk) => repository.readChunk(index, chunk)));
    return batches.flatMap(({ columns }) => {
      const data = columns[0]?.data;
      return data?.kind === 'int64' ? Array.from(data.values, Number) : [];
    });
  };
  /** Changes one byte in the middle of an object, as a bad disk does. */
  const spoil = async (key: string): Promise<void> => {
    const bytes = Buffer.from(await storage.get(key));
    const middle = bytes.length >>> 1;
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    await overwrite(storage, key, bytes);
  };
  const damages = async (id: string, level: 0 | 1 | 2 | 3): Promise<string[]> =>
    (await repository.verify(id, { level })).damages.map(({ object }) => object);

  it('is whole by itself, for us and for a reader that knows only the documentation', async () => {
    const base = await full();
    const backup = await takeIncremental(repository, base, { dead: { 0: [0, 3], 1: [9] }, fresh: [20, 5] });
    const rows = [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24];
    expect(await ids(backup.id)).toEqual(rows);
    expect(backup).toMatchObject({ type: 'incremental', base, rows: 22 });
    expect(backup.collections).toMatchObject([{ changes: { added: 5, changed: 0, deleted: 3 } }]);
    expect(backup.bytes.own).toBeLessThan(backup.bytes.total);
    expect(await repository.verify(backup.id, { level: 3 })).toMatchObject({ result: 'ok', rows: 22 });

    const folder = await download(storage);
    const { stdout } = await promisify(execFile)(servers().python, ['tests/support/read_backup.py', folder, backup.id]);
    const read = JSON.parse(stdout) as { collections: { rows: { id: number }[] }[] };
    expect(read.collections[0]?.rows.map(({ id }) => id)).toEqual(rows);
  });

  it('keeps what it borrows from: by hand, by force, and in a clean-up, until it goes itself', async () => {
    const base = await full();
    const backup = await takeIncremental(repository, base, { fresh: [20, 5] });
    const last = await takeIncremental(repository, backup.id, { dead: { 0: [1] } });
    for (const force of [false, true]) {
      await expect(repository.remove(base, { force })).rejects.toThrow(/borrows from it/);
    }
    clock.advance(30 * DAY);
    const report = await repository.cleanup(RUN);
    expect(report.removed).toEqual([]);
    expect(report.kept.find(({ id }) => id === backup.id)?.reason).toContain(last.name);
    expect((await repository.verify(last.id, { level: 3 })).result).toBe('ok');

    await repository.remove(last.id, { force: true });
    await repository.remove(backup.id, { force: true });
    await repository.remove(base, { force: true });
    expect(await repository.list()).toEqual([]);
    expect([...(await keys('data/')), ...(await keys('pins/')), ...(await keys('deleting/'))]).toEqual([]);
  });

  it('lets its base go when nothing of it is left in use', async () => {
    const base = await full();
    const backup = await takeBackup(repository, { plan: 'nightly' });
    await repository.remove(base, { force: false });
    expect((await repository.verify(backup.id, { level: 3 })).result).toBe('ok');
  });

  it('is not begun on a base that is being deleted or is gone, and leaves no pin', async () => {
    const base = await full();
    await full();
    const marker = `deleting/${SOURCE.sourceId}/${base}/01kapjm4sv3m9w0c6q4y7x2z1a`;
    await storage.put(marker, Buffer.from('{}'));
    await expect(beginIncremental(repository, base)).rejects.toSatisfy(code('BASE_GONE'));
    await storage.remove(marker);
    await repository.remove(base, { force: false });
    await expect(beginIncremental(repository, base)).rejects.toSatisfy(code('BASE_GONE'));
    await expect(beginIncremental(repository, '01kapjm4sv3m9w0c6q4y7x2z1a')).rejects.toSatisfy(code('BASE_GONE'));
    expect(await keys('pins/')).toEqual([]);
  });

  it('has a later id than its base, although that was begun by a machine whose clock is ahead', async () => {
    const ahead = await openRepository('', { storage, clock: testClock(clock.now() + 60_000) });
    const base = (await takeBackup(ahead, { plan: 'nightly' })).id;
    const backup = await takeIncremental(repository, base, { fresh: [20, 1] });
    expect(backup.id > base).toBe(true);
    expect((await repository.verify(backup.id, { level: 3 })).result).toBe('ok');
  });

  it('holds its base from its first moment, where it is known to be alive', async () => {
    const base = await full();
    clock.advance(8 * DAY);
    await full();
    const draft = await beginIncremental(repository, base);
    const busy = await repository.cleanup({ ...RUN, active: [draft.backupId] });
    expect(busy.removed).toEqual([]);
    expect(busy.kept).toContainEqual({ id: base, reason: expect.stringContaining('holds it') as string });
    const index = await borrowFilms(repository, draft, await indexOfFilms(repository, base), { fresh: [20, 1] });
    const backup = await repository.commit(draft, filmsOf([index]));
    expect(await keys('pins/')).toEqual([]);
    expect((await repository.cleanup(RUN)).kept.map(({ id }) => id)).toContain(base);
    expect((await repository.verify(backup.id, { level: 3 })).result).toBe('ok');
  });

  it('is given up where it wrote nothing for a day and its base is deleted under it: it never exists with a hole', async () => {
    const base = await full();
    clock.advance(8 * DAY);
    await full();
    const draft = await beginIncremental(repository, base);
    const index = await borrowFilms(repository, draft, await indexOfFilms(repository, base), { fresh: [20, 1] });
    expect((await repository.cleanup(RUN)).removed).toEqual([]);
    await expect(repository.remove(base, { force: true })).rejects.toThrow(/holds it/);
    clock.advance(2 * DAY);
    expect((await repository.cleanup(RUN)).removed.map(({ id }) => id)).toEqual([base]);
    await expect(repository.commit(draft, filmsOf([index]))).rejects.toSatisfy(code('BACKUP_ABORTED'));
    await expect(repository.find(draft.backupId)).rejects.toSatisfy(code('BACKUP_NOT_FOUND'));
  });

  it('is refused at its decision where a tomb stands although its pin was lost', async () => {
    const base = await full();
    await full();
    const draft = await beginIncremental(repository, base);
    const index = await borrowFilms(repository, draft, await indexOfFilms(repository, base), {});
    for (const pin of await keys('pins/')) await storage.remove(pin);
    await repository.remove(base, { force: false });
    await expect(repository.commit(draft, filmsOf([index]))).rejects.toSatisfy(code('BASE_GONE'));
    await expect(repository.find(draft.backupId)).rejects.toSatisfy(code('BACKUP_NOT_FOUND'));
  });

  it('may list files of its base and of those that this borrows from, and of nobody else', async () => {
    const first = await full();
    const second = await takeIncremental(repository, first, { fresh: [20, 5] });
    const stranger = await full();
    const draft = await beginIncremental(repository, second.id);
    const foreign = await borrowFilms(repository, draft, await indexOfFilms(repository, stranger), {});
    await expect(repository.commit(draft, filmsOf([foreign]))).rejects.toThrow(/which is no chunk of this collection/);
    const own = await borrowFilms(repository, draft, await indexOfFilms(repository, second.id), { dead: { 2: [4] } });
    const third = await repository.commit(draft, filmsOf([own]));
    expect((await repository.manifest(third.id)).refs.toSorted()).toEqual([first, second.id].toSorted());
  });

  it('loses its pin in a clean-up where its writer died between decision and pin', async () => {
    const base = await full();
    const backup = await takeIncremental(repository, base, { fresh: [20, 1] });
    const pin = `pins/${SOURCE.sourceId}/${base}/${backup.id}.json`;
    await storage.put(pin, Buffer.from('{}'));
    expect(await repository.cleanup(RUN)).toMatchObject({ orphans: 1, failed: [] });
    expect(await keys('pins/')).toEqual([]);
  });

  it('keeps a marker that a dead deletion left: it is no base, and said to be leaving', async () => {
    const base = await full();
    expect([...(await repository.leaving())]).toEqual([]);
    const marker = `deleting/${SOURCE.sourceId}/${base}/${newId(clock)}`;
    await storage.put(marker, Buffer.from('{}'));
    expect([...(await repository.leaving())]).toEqual([base]);
    await expect(takeIncremental(repository, base, {})).rejects.toSatisfy(code('BASE_GONE'));
  });

  it('shows damage of its marks at level 0, of a borrowed file at level 2', async () => {
    const base = await full();
    const backup = await takeIncremental(repository, base, { dead: { 0: [2] }, fresh: [20, 5] });
    const index = await indexOfFilms(repository, backup.id);
    const [marked, plain] = index.chunks;
    const vector = marked?.deletions?.key ?? '';
    await spoil(vector);
    expect(await damages(backup.id, 0)).toEqual([vector]);
    await spoil(vector);
    await spoil(plain?.key ?? '');
    expect(await damages(backup.id, 1)).toEqual([]);
    expect(await damages(backup.id, 2)).toEqual([plain?.key]);
    expect(await damages(base, 2)).toEqual([plain?.key]);
    await storage.remove(plain?.key ?? '');
    expect(await damages(backup.id, 1)).toEqual([plain?.key]);
  });

  it('shows at level 3 that two of its files hold a row with one key', async () => {
    const base = await full();
    const backup = await takeIncremental(repository, base, { fresh: [7, 1] });
    expect(await damages(backup.id, 2)).toEqual([]);
    expect(await damages(backup.id, 3)).toEqual([expect.stringMatching(/\/index-/)]);
  });
});
