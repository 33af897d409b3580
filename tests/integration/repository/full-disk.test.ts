import { execFile } from 'node:child_process';
import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasCode, systemClock } from '@milvault/shared';
import { initRepository, openRepository, openStorage } from '@milvault/repository';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failingStorage } from '../../support/failing-storage.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { beginBackup, DAY, SOURCE, takeBackup, testClock } from '../../support/repository.ts';

const run = promisify(execFile);

/** A disk of its own of this size, or null where this user may not mount one. */
async function smallDisk(options: string): Promise<string | null> {
  const folder = join(await temporaryFolder(), 'disk');
  await mkdir(folder);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  } catch {
    return null;
  }
  onTestFinished(async () => {
    await run('umount', ['-l', folder]);
  });
  return folder;
}

describe('a full disk', () => {
  it('fails the new backup with REPO_FULL, spares the older ones, and is fine again when there is room', async () => {
    const disk = await smallDisk('size=1m');
    const clock = systemClock;
    if (disk === null) {
      const storage = openStorage('memory:', clock);
      await initRepository('memory:', { clock, storage });
      const full = failingStorage(storage, { at: 3, moment: 'before', dead: false, code: 'REPO_FULL' });
      await expect(takeBackup(await openRepository('memory:', { clock, storage: full }))).rejects.toMatchObject({
        code: 'REPO_FULL',
      });
      return;
    }
    const repository = await initRepository(disk, { clock });
    const old = await takeBackup(repository);
    const ballast = join(disk, 'ballast');
    await writeFile(ballast, Buffer.alloc(600_000));

    const failed = await takeBackup(repository, { rows: 8000, rowsPerChunk: 2000 }).catch((error: unknown) => error);
    expect(hasCode(failed, 'REPO_FULL'), String(failed)).toBe(true);
    expect(await readdir(join(disk, 'tmp'))).toEqual([]);
    expect((await repository.list()).map((one) => one.id)).toEqual([old.id]);
    expect((await repository.verify(old.id, { level: 3 })).result).toBe('ok');

    const ids = await readdir(join(disk, 'data', SOURCE.sourceId));
    for (const backupId of ids.filter((id) => id !== old.id)) {
      expect(await repository.abandon({ backupId, sourceId: SOURCE.sourceId }, 'disk full')).toBe(true);
    }
    await rm(ballast);
    const next = await takeBackup(repository, { rows: 1000, rowsPerChunk: 500 });
    expect((await repository.verify(next.id, { level: 3 })).result).toBe('ok');
    expect(await repository.space()).toMatchObject({ total: 1024 * 1024 });
  });

  it('to the last block still lets a clean-up make room, and a backup be given up', async () => {
    const disk = await smallDisk('size=6m');
    if (disk === null) return;
    const clock = testClock(systemClock.now());
    const repository = await initRepository(disk, { clock });
    const old = await takeBackup(repository, { plan: 'nightly' });
    clock.advance(8 * DAY);
    const kept = await takeBackup(repository, { plan: 'nightly' });
    const unfinished = await beginBackup(repository);
    const ballast = await open(join(disk, 'ballast'), 'w');
    const filling = (async () => {
      for (;;) await ballast.write(Buffer.alloc(4096));
    })();
    await expect(filling).rejects.toThrow('ENOSPC');
    await ballast.close();
    await expect(beginBackup(repository)).rejects.toMatchObject({ code: 'REPO_FULL' });
    expect(await repository.abandon(unfinished, 'disk full')).toBe(true);
    const rules = [{ sourceId: SOURCE.sourceId, plan: 'nightly', policy: { days: 7 }, timeZone: 'UTC' }];
    const report = await repository.cleanup({ rules, dryRun: false, active: [] });
    expect(report).toMatchObject({ removed: [{ id: old.id }], failed: [] });
    expect((await repository.verify(kept.id, { level: 3 })).result).toBe('ok');
  });

  it('without a free inode is full too', async () => {
    const disk = await smallDisk('size=4m,nr_inodes=24');
    if (disk === null) return;
    const repository = await initRepository(disk, { clock: systemClock });
    let taken = 0;
    const failed = await (async () => {
      for (; taken < 30; taken++) await beginBackup(repository);
      return null;
    })().catch((error: unknown) => error);
    expect(taken).toBeGreaterThan(1);
    expect(hasCode(failed, 'REPO_FULL'), String(failed)).toBe(true);
  });

  it('that is read-only says REPO_NOT_WRITABLE, and is read all the same', async () => {
    const disk = await smallDisk('size=1m');
    if (disk === null) return;
    const repository = await initRepository(disk, { clock: systemClock });
    const backup = await takeBackup(repository);
    await run('mount', ['-o', 'remount,ro', disk]);
    await expect(takeBackup(repository)).rejects.toMatchObject({ code: 'REPO_NOT_WRITABLE' });
    const opened = await openRepository(disk, { clock: systemClock });
    const index = await opened.index(await opened.manifest(backup.id), 'default', 'films');
    expect((await opened.readChunk(index, index.chunks[0]!)).rows).toBe(10);
  });
});
