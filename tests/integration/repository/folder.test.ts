import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode, systemClock, type ErrorCode } from '@milvault/shared';
import { initRepository, openStorage } from '@milvault/repository';
import { describe, expect, it } from 'vitest';
import { filesBelow, temporaryFolder } from '../../support/folder.ts';
import {
  beginBackup,
  commitFilms,
  DAY,
  putFilms,
  repositoryInFolder,
  SOURCE,
  takeBackup,
} from '../../support/repository.ts';

const code = (wanted: ErrorCode) => (error: unknown) => hasCode(error, wanted);

describe('a folder', () => {
  it('is not written, and not believed to be empty, while its disk is not mounted', async () => {
    const { repository, place } = await repositoryInFolder();
    const backup = await takeBackup(repository);
    await rename(place, `${place}-elsewhere`);
    await mkdir(place);
    await expect(repository.list()).rejects.toSatisfy(code('REPO_NOT_A_REPOSITORY'));
    await expect(beginBackup(repository)).rejects.toSatisfy(code('REPO_NOT_A_REPOSITORY'));
    await expect(repository.cleanup({ rules: [], dryRun: false, active: [] })).rejects.toThrow();
    const storage = openStorage(place, systemClock);
    await expect(storage.put(`slots/${backup.id}/${backup.id}.json`, Buffer.from('x'))).rejects.toSatisfy(
      code('REPO_NOT_A_REPOSITORY'),
    );
    expect(await readdir(place)).toEqual([]);
  });

  it('of another repository is noticed before anything is decided', async () => {
    const { repository, place, clock } = await repositoryInFolder();
    const draft = await beginBackup(repository);
    const chunks = await putFilms(repository, draft, 'films', {});
    await unlink(join(place, 'repo.json'));
    await initRepository(join(place, '..', 'other'), { clock });
    await rename(join(place, '..', 'other', 'repo.json'), join(place, 'repo.json'));
    await expect(commitFilms(repository, draft, new Map([['films', chunks]]))).rejects.toThrow(/Another repository/);
  });

  it('has nothing but read-only files that are complete, and nothing left in tmp', async () => {
    const { repository, place } = await repositoryInFolder();
    await takeBackup(repository);
    for (const file of await filesBelow(place)) {
      expect((await stat(file)).mode & 0o777, file).toBe(0o440);
      expect(file).not.toContain('/tmp/0');
    }
  });

  it('never leads out of itself by a symbolic link', async () => {
    const { repository, place } = await repositoryInFolder();
    const outside = await temporaryFolder();
    const backup = await takeBackup(repository);
    const manifest = await repository.manifest(backup.id);
    const index = await repository.index(manifest, 'default', 'films');
    const chunk = join(place, index.chunks[0]!.key);
    await rename(chunk, join(outside, 'chunk'));
    await symlink(join(outside, 'chunk'), chunk);
    const report = await repository.verify(backup.id, { level: 1 });
    expect(report.damages.map((one) => one.code)).toEqual(['OBJECT_MISSING']);
    await expect(repository.readChunk(index, index.chunks[0]!)).rejects.toSatisfy(code('OBJECT_MISSING'));
    await rename(dirname(chunk), join(outside, 'collection'));
    await symlink(join(outside, 'collection'), dirname(chunk));
    expect((await repository.verify(backup.id, { level: 1 })).result).toBe('unknown');
    await expect(repository.readChunk(index, index.chunks[1]!)).rejects.toThrow(/symbolic link/);
    await symlink(outside, join(place, 'pins'));
    const storage = openStorage(place, systemClock);
    await expect(storage.put(`pins/${backup.id}/${backup.id}/${backup.id}.json`, Buffer.from('x'))).rejects.toThrow(
      /symbolic link/,
    );
    expect((await readdir(outside)).sort()).toEqual(['chunk', 'collection']);
  });

  it('is swept of what died while it was written, and of nothing younger', async () => {
    const { repository, place } = await repositoryInFolder();
    await takeBackup(repository);
    await writeFile(join(place, 'tmp', 'old'), 'x');
    await writeFile(join(place, 'tmp', 'young'), 'x');
    await utimes(join(place, 'tmp', 'old'), new Date(), (systemClock.now() - 2 * DAY) / 1000);
    const report = await repository.cleanup({ rules: [], dryRun: false, active: [] });
    expect(report.orphans).toBe(1);
    expect(await readdir(join(place, 'tmp'))).toEqual(['young']);
  });

  it('keeps strangers: files that are no keys are neither listed nor deleted', async () => {
    const { repository, place, clock } = await repositoryInFolder();
    const backup = await takeBackup(repository);
    const stranger = join(place, 'data', SOURCE.sourceId, backup.id, 'NOTES.txt');
    await writeFile(stranger, 'mine');
    await writeFile(join(place, 'slots', '.DS_Store'), 'x');
    clock.advance(40 * DAY);
    expect((await repository.list()).length).toBe(1);
    await repository.cleanup({ rules: [], dryRun: false, active: [] });
    expect(await readFile(stranger, 'utf8')).toBe('mine');
  });

  it('that may not be written says so, and what it holds is read all the same', async () => {
    const { repository, place } = await repositoryInFolder();
    const backup = await takeBackup(repository);
    if (process.getuid?.() === 0) {
      // Root may write anywhere, so a plain file in the place of a folder stands for the lack of rights.
      await rm(join(place, 'tmp'), { recursive: true });
      await writeFile(join(place, 'tmp'), '');
      await expect(beginBackup(repository)).rejects.toSatisfy(code('REPO_WRITE_FAILED'));
    } else {
      await chmod(join(place, 'tmp'), 0o500);
      await expect(beginBackup(repository)).rejects.toSatisfy(code('REPO_NOT_WRITABLE'));
    }
    expect((await repository.manifest(backup.id)).rows).toBe(20);
  });
});
