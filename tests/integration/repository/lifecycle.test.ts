import { mkdir, readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, systemClock, type ErrorCode } from '@milvault/shared';
import { initRepository, openRepository, openStorage } from '@milvault/repository';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import {
  beginBackup,
  commitFilms,
  definitionOf,
  filmBatch,
  filmIndex,
  putFilms,
  repositoryInFolder,
  SOURCE,
  takeBackup,
  sealed,
  unsealed,
} from '../../support/repository.ts';
import { firstDifference } from '../../support/first-difference.ts';

const code = (wanted: ErrorCode) => (error: unknown) => hasCode(error, wanted);

describe('opening a repository', () => {
  it('creates one in a missing or empty folder, and opens the same one again', async () => {
    const { place, repository, clock } = await repositoryInFolder();
    const again = await initRepository(place, { clock });
    const opened = await openRepository(place, { clock });
    expect([again.id, opened.id]).toEqual([repository.id, repository.id]);
    expect(await repository.list()).toEqual([]);
  });

  it('gives all who create at once the same repository', async () => {
    const place = join(await temporaryFolder(), 'repo');
    const all = await Promise.all(Array.from({ length: 8 }, () => initRepository(place, { clock: systemClock })));
    expect(new Set(all.map((one) => one.id)).size).toBe(1);
  });

  it('refuses a folder that holds something else, and writes nothing into it', async () => {
    const place = await temporaryFolder();
    await writeFile(join(place, 'thesis.txt'), 'mine');
    await expect(initRepository(place, { clock: systemClock })).rejects.toSatisfy(code('REPO_NOT_A_REPOSITORY'));
    await expect(openRepository(place, { clock: systemClock })).rejects.toSatisfy(code('REPO_NOT_A_REPOSITORY'));
    expect(await readdir(place)).toEqual(['thesis.txt']);
  });

  it('takes a fresh disk for empty', async () => {
    const place = await temporaryFolder();
    await mkdir(join(place, 'lost+found'));
    expect((await initRepository(place, { clock: systemClock })).place).toBe(place);
  });

  it('refuses a missing folder, an unknown major version, an unknown required feature and a damaged repo.json', async () => {
    const { place, clock } = await repositoryInFolder();
    await expect(openRepository(`${place}-not`, { clock })).rejects.toSatisfy(code('REPO_NOT_A_REPOSITORY'));
    const file = join(place, 'repo.json');
    const good = await readFile(file, 'utf8');
    const record = unsealed(Buffer.from(good));
    const rewrite = async (value: Uint8Array | string): Promise<void> => {
      await unlink(file);
      await writeFile(file, value);
    };
    await rewrite(JSON.stringify({ format: { major: 2 }, sealedOtherwise: true }));
    await expect(openRepository(place, { clock })).rejects.toSatisfy(code('REPO_VERSION_UNKNOWN'));
    await rewrite(sealed({ ...record, requiredFeatures: ['encryption'] }));
    await expect(openRepository(place, { clock })).rejects.toThrow(/encryption/);
    await rewrite(sealed({ ...record, format: { major: 1, minor: 7 }, optionalFeatures: ['x'], later: 1 }));
    const opened = await openRepository(place, { clock });
    expect(opened.id).toBe(record['repoId']);
    await rewrite(sealed({ ...record, requiredFeatures: ['encryption'] }));
    await expect(beginBackup(opened)).rejects.toSatisfy(code('REPO_VERSION_UNKNOWN'));
    await rewrite(good.replace('"createdAt":1', '"createdAt":2'));
    await expect(openRepository(place, { clock })).rejects.toSatisfy(code('OBJECT_DAMAGED'));
  });

  it('says which places there are', () => {
    expect(() => openStorage('ftp://host/x', systemClock)).toThrow(/memory: or \/srv\/backups/);
    expect(() => openStorage('  ', systemClock)).toThrow(/no storage/);
  });
});

describe('a backup', () => {
  it('exists from its commit on, and its rows come back', async () => {
    const { repository, place } = await repositoryInFolder();
    const draft = await beginBackup(repository);
    const chunks = await putFilms(repository, draft, 'films', { rows: 25, rowsPerChunk: 10 });
    expect(await repository.list()).toEqual([]);
    await expect(repository.find(draft.backupId)).rejects.toSatisfy(code('BACKUP_NOT_FOUND'));
    const backup = await commitFilms(repository, draft, new Map([['films', chunks]]));

    const size = chunks.reduce((sum, chunk) => sum + chunk.size, 0);
    expect(backup).toMatchObject({
      id: draft.backupId,
      name: draft.name,
      rows: 25,
      bytes: { own: size, total: size },
      collections: [{ database: 'default', collection: 'films', rows: 25, bytes: size }],
      repository: place,
    });
    expect(await repository.list()).toEqual([backup]);
    expect(await repository.find(draft.name)).toEqual(backup);
    const manifest = await repository.manifest(backup.id);
    const index = await repository.index(manifest, 'default', 'films');
    expect(index.chunks.map((chunk) => [chunk.keyMin, chunk.keyMax])).toEqual([
      ['0', '9'],
      ['10', '19'],
      ['20', '24'],
    ]);
    expect(firstDifference(filmBatch(20, 5), await repository.readChunk(index, index.chunks[2]!))).toBeNull();
    await expect(repository.index(manifest, 'default', 'books')).rejects.toSatisfy(code('COLLECTION_NOT_FOUND'));
  });

  it('is the same one when its commit is called again, by anybody', async () => {
    const { repository, place, clock } = await repositoryInFolder();
    const draft = await beginBackup(repository);
    const chunks = await putFilms(repository, draft, 'films', {});
    const first = await commitFilms(repository, draft, new Map([['films', chunks]]));
    clock.advance(5000);
    const other = await openRepository(place, { clock });
    expect(await commitFilms(other, draft, new Map([['films', chunks]]))).toEqual(first);
  });

  it('loses its commit when it was given up, and wins when it was first', async () => {
    const { repository } = await repositoryInFolder();
    const draft = await beginBackup(repository);
    const chunks = await putFilms(repository, draft, 'films', {});
    expect(await repository.abandon(draft, 'a test')).toBe(true);
    expect(await repository.abandon(draft, 'again')).toBe(true);
    await expect(commitFilms(repository, draft, new Map([['films', chunks]]))).rejects.toSatisfy(
      code('BACKUP_ABORTED'),
    );
    const backup = await takeBackup(repository);
    expect(await repository.abandon({ backupId: backup.id, sourceId: SOURCE.sourceId }, 'too late')).toBe(false);
    expect((await repository.list()).map((one) => one.id)).toEqual([backup.id]);
    expect((await repository.verify(backup.id, { level: 3 })).result).toBe('ok');
  });

  it('is committed or given up, never both, however the two race', async () => {
    for (const place of ['memory:', join(await temporaryFolder(), 'repo')]) {
      const repository = await initRepository(place, { clock: systemClock });
      for (let round = 0; round < 12; round++) {
        const draft = await beginBackup(repository);
        const chunks = await putFilms(repository, draft, 'films', { rows: 4, rowsPerChunk: 2 });
        const both = new Map([['films', chunks]]);
        const results = await Promise.allSettled([
          commitFilms(repository, draft, both),
          ...(round % 2 === 0 ? [commitFilms(repository, draft, both)] : []),
          repository.abandon(draft, 'race'),
        ]);
        const listed = (await repository.list()).some((one) => one.id === draft.backupId);
        const abandoned = results.at(-1);
        expect(abandoned?.status === 'fulfilled' && abandoned.value === true).toBe(!listed);
        if (listed) expect((await repository.verify(draft.backupId, { level: 3 })).result).toBe('ok');
        for (const result of results) {
          if (result.status === 'rejected') {
            expect(hasCode(result.reason, 'BACKUP_ABORTED', 'REPO_WRITE_FAILED'), String(result.reason)).toBe(true);
            expect(listed).toBe(false);
          }
        }
      }
    }
  });

  it('is refused where it does not add up', async () => {
    const { repository } = await repositoryInFolder();
    const draft = await beginBackup(repository);
    const chunks = await putFilms(repository, draft, 'films', {});
    const [a, b] = [chunks[0]!, chunks[1]!];
    for (const bad of [
      [b, a],
      [a, a],
      [a, { ...b, key: b.key.replace(draft.backupId, '0'.repeat(26)) }],
      [a, { ...b, key: `data/${draft.sourceId}/${draft.backupId}/../../x` }],
      [a, { ...b, keyMin: '5' }],
    ]) {
      await expect(commitFilms(repository, draft, new Map([['films', bad]]))).rejects.toSatisfy(code('INTERNAL'));
    }
    await expect(
      commitFilms(repository, draft, new Map([['films', [a, { ...b, size: b.size + 1 }]]])),
    ).rejects.toSatisfy(code('REPO_WRITE_FAILED'));
    expect(await repository.list()).toEqual([]);
    expect((await commitFilms(repository, draft, new Map([['films', [a, b]]]))).rows).toBe(20);
  });

  it('is refused where a reader could not read it, before anything says that it exists', async () => {
    const { repository } = await repositoryInFolder();
    const draft = await beginBackup(repository);
    const good = filmIndex('films', await putFilms(repository, draft, 'films', {}));
    const input = { engine: 'rows', databases: [], consistency: 'fuzzy', warnings: [] } as const;
    const shards: unknown = -1;
    const bad = { ...good, definition: { ...good.definition, shards: shards as number } };
    await expect(repository.commit(draft, { ...input, collections: [bad] })).rejects.toThrow(/shards/);
    await expect(repository.commit({ ...draft, startedAt: 0.5 }, { ...input, collections: [good] })).rejects.toThrow(
      /startedAt/,
    );
    expect(await repository.list()).toEqual([]);
    expect((await repository.commit(draft, { ...input, collections: [good] })).rows).toBe(20);
  });

  it('takes rows in strictly rising key order only', async () => {
    const { repository } = await repositoryInFolder();
    const draft = await beginBackup(repository);
    const batch = filmBatch(0, 3);
    const ids = batch.columns[0]!;
    if (ids.data.kind !== 'int64') throw new Error('expected int64 keys');
    ids.data.values[2] = 1n;
    const definition = definitionOf([], 'id');
    const put = repository.putChunk(draft, { definition, partition: '_default', seq: 0, fence: '1', batch });
    await expect(put).rejects.toThrow(/strictly rising/);
  });

  it('is found by a name that only it has', async () => {
    const { repository, clock } = await repositoryInFolder();
    const first = await takeBackup(repository);
    const second = await takeBackup(repository);
    expect(first.name).toBe(second.name);
    const ids = { ids: expect.arrayContaining([first.id, second.id]) as string[] };
    await expect(repository.find(first.name)).rejects.toMatchObject({ code: 'CONFLICT', details: ids });
    clock.advance(2000);
    const third = await takeBackup(repository);
    expect((await repository.find(third.name)).id).toBe(third.id);
    expect((await repository.list())[0]?.id).toBe(third.id);
    for (const unknown of ['nope', '0'.repeat(26), '../x', '']) {
      await expect(repository.find(unknown)).rejects.toSatisfy(code('BACKUP_NOT_FOUND'));
    }
  });

  it('shows the newest proof of each level', async () => {
    const { repository, clock } = await repositoryInFolder();
    const backup = await takeBackup(repository);
    await repository.verify(backup.id, { level: 1 });
    clock.advance(1000);
    const report = await repository.verify(backup.id, { level: 1 });
    await repository.addProof(backup.id, { level: 4, result: 'ok', at: clock.now() }, { rows: 20 });
    const proofs = [
      { level: 1, result: 'ok', at: report.at },
      { level: 4, result: 'ok', at: clock.now() },
    ];
    expect((await repository.find(backup.id)).proofs).toEqual(proofs);
    expect((await repository.list())[0]?.proofs).toEqual(proofs);
  });
});
