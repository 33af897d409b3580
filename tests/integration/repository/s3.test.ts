import { hasCode, systemClock } from '@milvault/shared';
import { initRepository, openRepository, openStorage } from '@milvault/repository';
import { describe, expect, it } from 'vitest';
import { firstDifference } from '../../support/first-difference.ts';
import { DAY, beginBackup, commitFilms, filmBatch, putFilms, SOURCE, takeBackup } from '../../support/repository.ts';
import { GOOD_STORES, s3Server } from '../../support/s3-servers.ts';

const code =
  (...codes: Parameters<typeof hasCode>[1][]) =>
  (error: unknown) =>
    hasCode(error, ...codes);

for (const kind of GOOD_STORES) {
  describe(`a repository on ${kind}`, () => {
    const store = s3Server(kind);
    const options = () => ({ clock: systemClock, access: store.access() });

    it('is made in an empty prefix, once for all who make it at the same time, and opened by others', async () => {
      const place = await store.newPlace();
      await expect(openRepository(place, options())).rejects.toSatisfy(code('REPO_NOT_A_REPOSITORY'));
      const made = await Promise.all(Array.from({ length: 4 }, () => initRepository(place, options())));
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
      expect((await openRepository(`${place}`, options())).id).toBe(made[0]!.id);
      // The probe took away what it wrote.
      expect(await store.keys(place)).toEqual(['backups/of milvus/repo.json']);
    });

    it('takes a backup, lists, reads and proves it', async () => {
      const place = await store.newPlace();
      const repository = await initRepository(place, options());
      const draft = await beginBackup(repository);
      const chunks = await putFilms(repository, draft, 'films', { rows: 25, rowsPerChunk: 10 });
      expect(await repository.list()).toEqual([]);
      const backup = await commitFilms(repository, draft, new Map([['films', chunks]]));
      expect(await repository.list()).toEqual([backup]);

      const other = await openRepository(place, options());
      expect(await other.find(draft.name)).toEqual(backup);
      const index = await other.index(await other.manifest(backup.id), 'default', 'films');
      expect(firstDifference(filmBatch(20, 5), await other.readChunk(index, index.chunks[2]!))).toBeNull();
      for (const level of [0, 1, 2, 3] as const) {
        expect((await other.verify(backup.id, { level })).result).toBe('ok');
      }
    });

    it('is committed or given up, never both, however the two race', async () => {
      const repository = await initRepository(await store.newPlace(), options());
      for (let round = 0; round < 4; round++) {
        const draft = await beginBackup(repository);
        const films = new Map([['films', await putFilms(repository, draft, 'films', { rows: 4, rowsPerChunk: 2 })]]);
        const [, , given] = await Promise.allSettled([
          commitFilms(repository, draft, films),
          commitFilms(repository, draft, films),
          repository.abandon(draft, 'race'),
        ]);
        const listed = (await repository.list()).some((one) => one.id === draft.backupId);
        expect(given.status === 'fulfilled' && given.value).toBe(!listed);
        if (listed) expect((await repository.verify(draft.backupId, { level: 3 })).result).toBe('ok');
      }
    });

    it('is cleaned up: old and unfinished backups go with all their objects, the others stay whole', async () => {
      let now = systemClock.now() - 20 * DAY;
      const clock = { ...systemClock, now: () => now };
      const place = await store.newPlace();
      const repository = await initRepository(place, { ...options(), clock });
      const old = await takeBackup(repository, { plan: 'nightly' });
      const unfinished = await beginBackup(repository);
      await putFilms(repository, unfinished, 'films', {});
      // Times of the store are its own: a little later than all that it wrote so far.
      now = systemClock.now() + 10_000;
      const kept = await takeBackup(repository, { plan: 'nightly' });
      const report = await repository.cleanup({
        rules: [{ sourceId: SOURCE.sourceId, plan: 'nightly', policy: { days: 7 }, timeZone: 'UTC' }],
        dryRun: false,
        active: [],
        unfinishedAgeMs: 0,
      });
      expect(report.failed).toEqual([]);
      expect(report.removed.map(({ id }) => id)).toEqual([old.id]);
      expect(report.abandoned).toEqual([unfinished.backupId]);
      expect((await repository.list()).map(({ id }) => id)).toEqual([kept.id]);
      const left = (await store.keys(place)).filter((key) => key.includes('/data/'));
      expect(left.filter((key) => !key.includes(kept.id))).toEqual([]);
      expect((await repository.verify(kept.id, { level: 3 })).result).toBe('ok');
    });

    it('is not made where something else lies', async () => {
      const place = await store.newPlace();
      await openStorage(place, systemClock, store.access()).create('repo.json', Buffer.from('x'));
      const outer = place.replace(/\/of milvus$/, '');
      await expect(initRepository(outer, options())).rejects.toSatisfy(code('REPO_NOT_A_REPOSITORY'));
      expect(await store.keys(place)).toEqual(['backups/of milvus/repo.json']);
    });

    it('writes nothing, and believes no empty list, where repo.json is missing', async () => {
      const place = await store.newPlace();
      const driver = openStorage(place, systemClock, store.access());
      const drain = async (): Promise<void> => {
        for await (const one of driver.list('slots/')) expect(one).toBeUndefined();
      };
      const calls = [
        () => driver.put('slots/a', Buffer.from('x')),
        () => driver.create('slots/a', Buffer.from('x')),
        () => driver.get('slots/a'),
        () => driver.stat('slots/a'),
        drain,
      ];
      for (const call of calls) await expect(call()).rejects.toSatisfy(code('REPO_NOT_A_REPOSITORY'));
      expect(await store.keys(place)).toEqual([]);
    });
  });
}
