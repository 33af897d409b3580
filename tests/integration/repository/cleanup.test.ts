import { fail, hasCode, newId, systemClock } from '@milvault/shared';
import { initRepository, openRepository, openStorage, type Repository, type StorageDriver } from '@milvault/repository';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  beginBackup,
  commitFilms,
  DAY,
  putFilms,
  SOURCE,
  takeBackup,
  testClock,
  type TestClock,
  sealed,
  unsealed,
} from '../../support/repository.ts';

const RULES = [{ sourceId: SOURCE.sourceId, plan: 'nightly', policy: { days: 7 }, timeZone: 'UTC' }];
const RUN = { rules: RULES, dryRun: false, active: [] };

describe('cleaning up', () => {
  let clock: TestClock;
  let storage: StorageDriver;
  let repository: Repository;
  beforeEach(async () => {
    clock = testClock(systemClock.now());
    storage = openStorage('memory:', clock);
    repository = await initRepository('memory:', { clock, storage });
  });

  const keys = async (prefix: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of storage.list(prefix)) found.push(key);
    return found;
  };
  const nightly = async (): Promise<string> => (await takeBackup(repository, { plan: 'nightly' })).id;

  it('takes what is older than the days and leaves not one of its objects', async () => {
    const old = await nightly();
    await repository.verify(old, { level: 1 });
    clock.advance(8 * DAY);
    const young = await nightly();
    const dry = await repository.cleanup({ ...RUN, dryRun: true });
    expect(dry.removed).toEqual([{ id: old, reason: 'older than 7 days' }]);
    expect((await repository.list()).map((one) => one.id)).toEqual([young, old]);

    const report = await repository.cleanup(RUN);
    expect(report).toMatchObject({ removed: dry.removed, kept: dry.kept, failed: [], dryRun: false });
    expect((await repository.list()).map((one) => one.id)).toEqual([young]);
    const left = (await keys('')).filter((key) => key.includes(old));
    expect(left).toEqual([`slots/${SOURCE.sourceId}/${old}.json`, `tombs/${SOURCE.sourceId}/${old}.json`]);
    await expect(repository.find(old)).rejects.toSatisfy((error) => hasCode(error, 'BACKUP_NOT_FOUND'));
    expect((await repository.verify(young, { level: 3 })).result).toBe('ok');
    expect(await repository.cleanup(RUN)).toMatchObject({ removed: [], orphans: 0, abandoned: [] });
  });

  it('keeps the last good backup for ever, and by hand gives it up only by force', async () => {
    const only = await nightly();
    clock.advance(400 * DAY);
    expect((await repository.cleanup(RUN)).kept).toEqual([{ id: only, reason: 'the newest good backup' }]);
    await expect(repository.remove(only, { force: false })).rejects.toSatisfy((error) =>
      hasCode(error, 'BACKUP_NEEDED'),
    );
    await repository.remove(only, { force: true });
    expect(await repository.list()).toEqual([]);
    await expect(repository.remove(only, { force: true })).rejects.toSatisfy((error) =>
      hasCode(error, 'BACKUP_NOT_FOUND'),
    );
  });

  it('removes by hand what a newer good one replaces', async () => {
    const first = await nightly();
    clock.advance(DAY);
    const second = await nightly();
    await repository.remove(first, { force: false });
    expect((await repository.list()).map((one) => one.id)).toEqual([second]);
  });

  it('gives up what is unfinished for a day, and nothing that is younger or alive', async () => {
    const dead = await beginBackup(repository);
    await putFilms(repository, dead, 'films', {});
    const alive = await beginBackup(repository);
    clock.advance(25 * 60 * 60 * 1000);
    const young = await beginBackup(repository);
    const slow = await beginBackup(repository);
    const report = await repository.cleanup({ ...RUN, active: [alive.backupId] });
    expect(report.abandoned).toEqual([dead.backupId]);
    expect(await keys(`data/${SOURCE.sourceId}/${dead.backupId}/`)).toEqual([]);
    await expect(commitFilms(repository, dead, new Map())).rejects.toSatisfy((error) =>
      hasCode(error, 'BACKUP_ABORTED'),
    );
    for (const draft of [alive, young, slow]) {
      const chunks = await putFilms(repository, draft, 'films', {});
      expect((await commitFilms(repository, draft, new Map([['films', chunks]]))).rows).toBe(20);
    }
  });

  it('does not give up a backup that is old but still writes', async () => {
    const draft = await beginBackup(repository);
    clock.advance(30 * 60 * 60 * 1000);
    const chunks = await putFilms(repository, draft, 'films', {});
    expect((await repository.cleanup(RUN)).abandoned).toEqual([]);
    expect((await commitFilms(repository, draft, new Map([['films', chunks]]))).rows).toBe(20);
  });

  it('removes what a late writer puts into a backup that was given up or is committed without it', async () => {
    const lost = await beginBackup(repository);
    await repository.abandon(lost, 'a test');
    await putFilms(repository, lost, 'films', {});
    const draft = await beginBackup(repository);
    const chunks = await putFilms(repository, draft, 'films', {});
    await commitFilms(repository, draft, new Map([['films', chunks]]));
    await putFilms(repository, draft, 'books', { rows: 10 });
    const garbage = await keys(`data/${SOURCE.sourceId}/${draft.backupId}/`);
    expect((await repository.cleanup({ ...RUN, dryRun: true })).orphans).toBe(3);
    expect((await repository.cleanup(RUN)).orphans).toBe(3);
    expect(await keys(`data/${SOURCE.sourceId}/${lost.backupId}/`)).toEqual([]);
    expect(await keys(`data/${SOURCE.sourceId}/${draft.backupId}/`)).toHaveLength(garbage.length - 1);
    expect((await repository.verify(draft.backupId, { level: 3 })).result).toBe('ok');
  });

  it('never takes a backup that another one borrows from or is about to', async () => {
    const base = await nightly();
    clock.advance(30 * DAY);
    const tip = await nightly();
    const holder = newId(clock);
    const pin = `pins/${SOURCE.sourceId}/${base}/${tip}.json`;
    await storage.put(pin, sealed({ v: 1 }));
    const report = await repository.cleanup(RUN);
    expect(report).toMatchObject({ removed: [], failed: [] });
    expect(report.kept).toContainEqual({ id: base, reason: expect.stringContaining('must stay') as string });
    expect(await keys('deleting/')).toEqual([]);
    expect((await repository.list()).map((one) => one.id)).toEqual([tip, base]);

    await storage.remove(pin);
    await storage.put(`pins/${SOURCE.sourceId}/${base}/${holder}.json`, sealed({ v: 1 }));
    expect((await repository.cleanup({ ...RUN, active: [holder] })).removed).toEqual([]);
    expect((await repository.cleanup(RUN)).removed).toEqual([]);
    clock.advance(2 * DAY);
    expect((await repository.cleanup({ ...RUN, active: [holder] })).removed).toEqual([]);
    expect((await repository.cleanup(RUN)).removed.map((one) => one.id)).toEqual([base]);
    const slot = JSON.parse(
      Buffer.from(await storage.get(`slots/${SOURCE.sourceId}/${holder}.json`)).toString(),
    ) as object;
    expect(slot).toMatchObject({ state: 'aborted' });
  });

  it('sees a borrower in the decisions that are there when the marker stands', async () => {
    const base = await nightly();
    clock.advance(30 * DAY);
    const tip = await nightly();
    const key = `slots/${SOURCE.sourceId}/${tip}.json`;
    const slot = unsealed(await storage.get(key));
    await storage.put(key, sealed({ ...slot, base, refs: [base] }));
    const fresh = await openRepository('memory:', { clock, storage });
    expect((await fresh.cleanup(RUN)).kept.map((one) => one.id).sort()).toEqual([base, tip].sort());
    await expect(fresh.remove(base, { force: true })).rejects.toSatisfy((error) => hasCode(error, 'BACKUP_NEEDED'));
    expect(await keys('deleting/')).toEqual([]);
    await fresh.remove(tip, { force: true });
    await fresh.remove(base, { force: true });
  });

  it('stops before anything is deleted when a decision cannot be read', async () => {
    const old = await nightly();
    clock.advance(8 * DAY);
    const young = await nightly();
    const key = `slots/${SOURCE.sourceId}/${young}.json`;
    const bytes = await storage.get(key);
    bytes[40]! ^= 1;
    await storage.put(key, bytes);
    const fresh = await openRepository('memory:', { clock, storage });
    const before = await keys('');
    await expect(fresh.cleanup(RUN)).rejects.toSatisfy((error) => hasCode(error, 'OBJECT_DAMAGED'));
    expect(await keys('')).toEqual(before);
    await expect(fresh.remove(old, { force: true })).rejects.toSatisfy((error) => hasCode(error, 'OBJECT_DAMAGED'));
    expect((await fresh.list()).map((one) => one.id)).toEqual([old]);
    expect((await fresh.survey()).damages.map((one) => one.object)).toEqual([key]);
    await expect(fresh.find(young)).rejects.toSatisfy((error) => hasCode(error, 'OBJECT_DAMAGED'));
  });

  it('stops when a decision is listed and cannot be found, and never takes it for one that was not made', async () => {
    const id = await nightly();
    clock.advance(2 * DAY);
    const before = await keys('');
    const blind: StorageDriver = {
      ...storage,
      getRange: async (key, offset, length) => {
        if (key.startsWith('slots/')) throw fail('OBJECT_MISSING', { what: `${key} is a symbolic link` });
        return storage.getRange(key, offset, length);
      },
    };
    const weak = await openRepository('memory:', { clock, storage: blind });
    await expect(weak.cleanup(RUN)).rejects.toThrow(/decision record cannot be read/);
    expect(await keys('')).toEqual(before);
    expect((await repository.list()).map((one) => one.id)).toEqual([id]);
  });

  it('deletes nothing on the word of a tomb that cannot be read', async () => {
    const id = await nightly();
    await storage.put(`tombs/${SOURCE.sourceId}/${id}.json`, Buffer.from('{}'));
    const before = await keys('data/');
    expect((await repository.cleanup(RUN)).failed).toMatchObject([{ id }]);
    expect(await keys('data/')).toEqual(before);
  });

  it('stops before anything is deleted when a listing fails, at any of its entries', async () => {
    const old = await nightly();
    clock.advance(8 * DAY);
    await nightly();
    await beginBackup(repository);
    clock.advance(2 * DAY);
    const before = await keys('');
    for (const folder of ['slots/', 'tombs/', 'reports/', 'data/']) {
      for (const after of [0, 1]) {
        const broken: StorageDriver = {
          ...storage,
          list: async function* (prefix) {
            let seen = 0;
            for await (const object of storage.list(prefix)) {
              if (prefix === folder && seen++ === after) break;
              yield object;
            }
            if (prefix === folder) throw new Error('connection reset');
          },
        };
        const weak = await openRepository('memory:', { clock, storage: broken });
        await expect(weak.cleanup(RUN), folder).rejects.toThrow('connection reset');
        expect(await keys('')).toEqual(before);
      }
    }
    expect((await repository.cleanup(RUN)).removed.map((one) => one.id)).toEqual([old]);
  });

  it('goes on with the next backup when one fails, and says which', async () => {
    const [a, b] = [await nightly(), await nightly()];
    clock.advance(8 * DAY);
    await nightly();
    const stubborn: StorageDriver = {
      ...storage,
      remove: async (key) => {
        if (key.startsWith(`data/${SOURCE.sourceId}/${b}/`)) throw new Error('denied');
        await storage.remove(key);
      },
    };
    const weak = await openRepository('memory:', { clock, storage: stubborn });
    const report = await weak.cleanup(RUN);
    expect(report.removed.map((one) => one.id)).toEqual([a]);
    expect(report.failed).toEqual([{ id: b, message: 'denied' }]);
    expect((await repository.list()).length).toBe(1);
    const rest = await repository.cleanup(RUN);
    expect(rest.orphans).toBeGreaterThan(0);
    expect((await keys('data/')).filter((key) => key.includes(b))).toEqual([]);
  });

  it('stops at once when it is told to', async () => {
    await nightly();
    clock.advance(8 * DAY);
    await nightly();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(repository.cleanup({ ...RUN, signal })).rejects.toThrow('enough');
    expect((await repository.list()).length).toBe(2);
  });

  it('stops where most of the backups of a plan would go at once, until somebody says that it is right', async () => {
    for (let i = 0; i < 4; i++) await nightly();
    clock.advance(8 * DAY);
    await nightly();
    const stopped = await repository.cleanup(RUN);
    expect(stopped).toMatchObject({ removed: [], guarded: [{ plan: 'nightly', wouldGo: 4, of: 5 }] });
    expect(await repository.list()).toHaveLength(5);
    expect((await repository.cleanup({ ...RUN, force: true })).removed).toHaveLength(4);
  });

  it('leaves a backup on hold alone, and so does a deletion by hand, until it is released', async () => {
    const held = await nightly();
    expect(await repository.hold(held, 'audit')).toMatchObject({ reason: 'audit' });
    expect(await repository.hold(held, 'another')).toMatchObject({ reason: 'audit' });
    clock.advance(8 * DAY);
    await nightly();
    expect((await repository.find(held)).hold).toMatchObject({ reason: 'audit' });
    expect((await repository.cleanup(RUN)).kept.map((one) => one.reason)).toContain('on hold: audit');
    await expect(repository.remove(held, { force: true })).rejects.toMatchObject({ code: 'BACKUP_NEEDED' });
    expect(await keys('deleting/')).toEqual([]);
    await repository.release(held);
    await repository.release(held);
    expect((await repository.cleanup(RUN)).removed).toMatchObject([{ id: held }]);
    expect(await keys('holds/')).toEqual([]);
  });

  it('refuses a hold on a backup that is being deleted, and leaves none behind', async () => {
    const id = await nightly();
    await storage.put(`deleting/${SOURCE.sourceId}/${id}/${newId(clock)}`, new Uint8Array([1]));
    await expect(repository.hold(id, null)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await keys('holds/')).toEqual([]);
  });

  it('is safe when two run at once', async () => {
    for (let i = 0; i < 4; i++) {
      await nightly();
      clock.advance(DAY);
    }
    clock.advance(8 * DAY);
    const newest = await nightly();
    const other = await openRepository('memory:', { clock, storage });
    const reports = await Promise.all([
      repository.cleanup({ ...RUN, force: true }),
      other.cleanup({ ...RUN, force: true }),
    ]);
    expect((await repository.list()).map((one) => one.id)).toEqual([newest]);
    expect((await repository.verify(newest, { level: 3 })).result).toBe('ok');
    for (const report of reports) expect(report.kept.map((one) => one.id)).toContain(newest);
    await repository.cleanup(RUN);
    expect((await keys('data/')).every((key) => key.includes(newest))).toBe(true);
    expect(await keys('deleting/')).toEqual([]);
  });
});
