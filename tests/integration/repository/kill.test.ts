import { join } from 'node:path';
import { hasCode, systemClock } from '@milvault/shared';
import { initRepository, openRepository, openStorage, type Repository, type StorageDriver } from '@milvault/repository';
import { describe, expect, it } from 'vitest';
import { failingStorage, type FailPoint } from '../../support/failing-storage.ts';
import { temporaryFolder } from '../../support/folder.ts';
import {
  beginBackup,
  commitFilms,
  DAY,
  putFilms,
  SOURCE,
  takeBackup,
  testClock,
  type TestClock,
} from '../../support/repository.ts';

const RULES = [{ sourceId: SOURCE.sourceId, plan: 'nightly', policy: { days: 7 }, timeZone: 'UTC' }];
const MOMENTS = ['before', 'after'] as const;
/** Intent, 4 chunks, 2 indexes, manifest, decision. */
const WRITES_OF_A_BACKUP = 9;

interface Scene {
  readonly clock: TestClock;
  readonly storage: StorageDriver;
  /** The repository as a process sees it that nothing happened to. */
  readonly healthy: () => Promise<Repository>;
  readonly doomed: (point: FailPoint) => Promise<Repository>;
}

async function scene(place: string): Promise<Scene> {
  const clock = testClock(systemClock.now());
  const storage = openStorage(place, clock);
  await initRepository(place, { clock, storage });
  return {
    clock,
    storage,
    healthy: () => openRepository(place, { clock, storage }),
    doomed: (point) => openRepository(place, { clock, storage: failingStorage(storage, point) }),
  };
}

const take = (repository: Repository) =>
  takeBackup(repository, { plan: 'nightly', collections: ['books', 'films'], rows: 8, rowsPerChunk: 4 });

async function keysOf(storage: StorageDriver, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(prefix)) keys.push(key);
  return keys;
}

/** Every listed backup restores, and after a clean-up two days later nothing else is left. */
async function requireSound({ clock, storage, healthy }: Scene): Promise<string[]> {
  const repository = await healthy();
  const ids = (await repository.list()).map((one) => one.id);
  for (const id of ids) expect((await repository.verify(id, { level: 3 })).result).toBe('ok');
  clock.advance(2 * DAY);
  const report = await (await healthy()).cleanup({ rules: [], dryRun: false, active: [] });
  expect(report.failed).toEqual([]);
  expect((await (await healthy()).list()).map((one) => one.id)).toEqual(ids);
  for (const folder of ['data/', 'reports/', 'deleting/', 'pins/']) {
    for (const key of await keysOf(storage, folder))
      expect(
        ids.some((id) => key.includes(id)),
        key,
      ).toBe(true);
  }
  expect((await keysOf(storage, 'data/')).length).toBe(ids.length * (WRITES_OF_A_BACKUP - 1));
  return ids;
}

describe('a process that dies', () => {
  it('at any write of a backup leaves one whole backup or none, and nothing that stays', async () => {
    for (let at = 1; at <= WRITES_OF_A_BACKUP + 1; at++) {
      for (const moment of MOMENTS) {
        const world = await scene('memory:');
        const doomed = await world.doomed({ at, moment, dead: true });
        const acknowledged = await take(doomed).catch(() => null);
        expect(acknowledged !== null).toBe(at > WRITES_OF_A_BACKUP);
        const ids = await requireSound(world);
        const decided = at > WRITES_OF_A_BACKUP || (at === WRITES_OF_A_BACKUP && moment === 'after');
        expect(ids, `write ${at}, ${moment}`).toHaveLength(decided ? 1 : 0);
        await take(await world.healthy());
        expect(await requireSound(world)).toHaveLength(decided ? 2 : 1);
      }
    }
  });

  it('on a folder leaves one whole backup or none too', async () => {
    for (const at of [1, 3, 7, 8, 9]) {
      const world = await scene(join(await temporaryFolder(), 'repo'));
      const doomed = await world.doomed({ at, moment: at % 2 === 0 ? 'before' : 'after', dead: true });
      await expect(take(doomed)).rejects.toThrow(/failpoint/);
      expect(await requireSound(world)).toHaveLength(at === 9 ? 1 : 0);
    }
  });

  it('at any write of a clean-up hurts no backup that stays, and the next clean-up ends its work', async () => {
    for (let at = 1, writes = Infinity; at <= writes; at++) {
      for (const moment of MOMENTS) {
        const world = await scene('memory:');
        const healthy = await world.healthy();
        await take(healthy);
        await healthy.verify((await healthy.list())[0]!.id, { level: 0 });
        const dropped = await beginBackup(healthy);
        await putFilms(healthy, dropped, 'films', {});
        world.clock.advance(9 * DAY);
        const kept = await take(healthy);
        const failing = failingStorage(world.storage, { at, moment, dead: true });
        const doomed = await openRepository('memory:', { clock: world.clock, storage: failing });
        const options = { rules: RULES, dryRun: false, active: [] };
        const report = await doomed.cleanup(options).catch(() => null);
        if (report !== null && report.failed.length === 0) writes = failing.writes();
        expect((await (await world.healthy()).list()).map((one) => one.id)).toContain(kept.id);
        await (await world.healthy()).cleanup(options);
        expect(await requireSound(world)).toEqual([kept.id]);
      }
      expect(at).toBeLessThan(40);
    }
  });

  it('while it gives a backup up never leaves it half given up', async () => {
    for (let at = 1; at <= 6; at++) {
      for (const moment of MOMENTS) {
        const world = await scene('memory:');
        const draft = await beginBackup(await world.healthy(), 'nightly');
        await putFilms(await world.healthy(), draft, 'films', { rows: 8, rowsPerChunk: 4 });
        const doomed = await world.doomed({ at, moment, dead: true });
        await doomed.abandon(draft, 'a test').catch(() => null);
        const chunks = await putFilms(await world.healthy(), draft, 'films', { rows: 8, rowsPerChunk: 4 });
        const result = await commitFilms(await world.healthy(), draft, new Map([['films', chunks]])).catch(
          (error: unknown) => error,
        );
        if (at === 1 && moment === 'before') expect(result).toMatchObject({ id: draft.backupId });
        else expect(hasCode(result, 'BACKUP_ABORTED')).toBe(true);
      }
    }
  });
});

describe('a write that fails once', () => {
  it('with its answer lost at the decision is read back, and the backup is acknowledged', async () => {
    const world = await scene('memory:');
    const weak = await world.doomed({ at: WRITES_OF_A_BACKUP, moment: 'after', dead: false });
    const backup = await take(weak);
    expect(await requireSound(world)).toEqual([backup.id]);
  });

  it('with its answer lost at giving up counts as given up', async () => {
    const world = await scene('memory:');
    const draft = await beginBackup(await world.healthy());
    const weak = await world.doomed({ at: 1, moment: 'after', dead: false });
    expect(await weak.abandon(draft, 'a test')).toBe(true);
    expect(await requireSound(world)).toEqual([]);
  });

  it('makes the backup fail with the error of the write, and it can be given up at once', async () => {
    for (let at = 1; at <= WRITES_OF_A_BACKUP; at++) {
      for (const code of ['REPO_FULL', 'REPO_NOT_WRITABLE', 'REPO_WRITE_FAILED'] as const) {
        const world = await scene('memory:');
        const weak = await world.doomed({ at, moment: 'before', dead: false, code });
        const failed = await take(weak).catch((error: unknown) => error);
        expect(hasCode(failed, code), `write ${at}`).toBe(true);
        for (const key of await keysOf(world.storage, 'data/')) {
          const backupId = key.split('/')[2]!;
          expect(await weak.abandon({ backupId, sourceId: SOURCE.sourceId }, 'failed')).toBe(true);
        }
        expect(await keysOf(world.storage, 'data/')).toEqual([]);
        expect(await requireSound(world)).toEqual([]);
      }
    }
  });
});
