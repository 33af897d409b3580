import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Stopped, type Backup, type DrillReport, type RestoreReport, type VerifyReport } from '@milvault/shared';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { milvault } from '../../support/cli.ts';
import { readExport } from '../../support/exports.ts';
import { createFilms } from '../../support/oracle/films.ts';
import { servers } from '../../support/servers.ts';

const { python, ...milvus } = servers();
const films = createFilms(python);
const prefix = `cli_${randomBytes(4).toString('hex')}_`;
const name = `${prefix}films`;
const ROWS = 1201;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'milvault-cli-'));
  await Promise.all([films.make(milvus.milvus, name, ROWS), films.make(milvus.lite, name, ROWS)]);
});
afterAll(async () => {
  await Promise.all([films.drop(milvus.milvus, prefix), films.drop(milvus.lite, prefix)]);
  await rm(folder, { recursive: true, force: true });
});

const type = (...words: string[]) => milvault([...words, '--local', '--json'], { folder });
const filesOf = async (place: string): Promise<string[]> =>
  (await readdir(path.join(folder, place), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
/** The files that a repository has before its first backup, as if they lay in `place`. */
async function freshlyMade(place: string): Promise<string[]> {
  await type('repo', 'init', '--repo', 'fresh');
  return (await filesOf('fresh')).map((file) =>
    file.replace(`${path.sep}fresh${path.sep}`, `${path.sep}${place}${path.sep}`),
  );
}

describe.each([
  ['Milvus 2.3.5', milvus.milvus],
  ['Milvus Lite', milvus.lite],
])('on %s, with nothing but this process', (_server, source) => {
  const repo = `repo-${source.split(':')[1] ?? ''}`;
  let backup: Backup;

  test('a backup is taken into a folder that is not there yet', async () => {
    const said = await type('backup', 'create', '--source', source, '--repo', repo, '--collections', name);
    expect(said).toMatchObject({ code: 0, err: '' });
    backup = said.json<Backup>();
    expect(backup).toMatchObject({
      name: expect.stringMatching(/^full_\d{8}_\d{6}$/),
      type: 'full',
      engine: 'rows',
      status: 'complete',
      base: null,
      repository: path.join(folder, repo),
      collections: [{ collection: name, rows: ROWS }],
      rows: ROWS,
      durationMs: expect.any(Number),
      warnings: expect.any(Array),
    });
    expect(backup.bytes).toEqual({ own: expect.any(Number), total: backup.bytes.own });
    expect(backup.proofs).toEqual([expect.objectContaining({ level: 2, result: 'ok' })]);
  });

  test('it is listed, shown and checked to the last row', async () => {
    const list = await type('backup', 'list', '--repo', repo);
    expect(list.json()).toMatchObject({ total: 1, backups: [{ id: backup.id }] });
    const shown = await type('backup', 'show', backup.name, '--repo', repo);
    expect(backup).toMatchObject(shown.json());
    const checked = await type('backup', 'verify', backup.id, '--level', '3', '--repo', repo);
    expect(checked.code).toBe(0);
    expect(checked.json<VerifyReport>()).toMatchObject({ backup: backup.id, level: 3, result: 'ok', rows: ROWS });
    const all = await type('repo', 'check', '--level', '1', '--repo', repo);
    expect(all.json()).toMatchObject({ result: 'ok', total: 1, damages: [] });
  });

  test('it is restored, every field of every row equal', async () => {
    const said = await type('restore', backup.id, '--to', source, '--suffix', '_again', '--repo', repo);
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.json<RestoreReport>()).toMatchObject({
      rows: ROWS,
      collections: [{ collection: name, targetCollection: `${name}_again`, rowsRestored: ROWS, contentEqual: true }],
    });
    expect(await films.equal(source, name, source, `${name}_again`)).toEqual({ equal: true, rows: [ROWS, ROWS] });
  });

  test('a restore over a collection that is there touches nothing', async () => {
    const said = await type('restore', backup.id, '--to', source, '--suffix', '_again', '--repo', repo);
    expect(said.code).toBe(1);
    expect(said.json()).toMatchObject({ error: { code: 'TARGET_EXISTS' } });
  });

  test('a drill proves it and leaves nothing behind', async () => {
    const before = await films.starting(source, prefix);
    const said = await type('drill', backup.id, '--repo', repo);
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.json<DrillReport>()).toMatchObject({ result: 'ok', rows: ROWS });
    expect(await films.starting(source, prefix)).toEqual(before);
    const { proofs } = (await type('backup', 'show', backup.id, '--repo', repo)).json<Backup>();
    expect(proofs).toContainEqual(expect.objectContaining({ level: 4, result: 'ok' }));
  });

  test('a clean-up keeps what no plan speaks of, and the last good backup cannot be deleted', async () => {
    const dry = await type('prune', '--dry-run', '--repo', repo);
    expect(dry).toMatchObject({ code: 0, err: '' });
    expect(dry.json()).toMatchObject({ dryRun: true, removed: [], kept: [{ id: backup.id }], failed: [] });
    expect((await type('prune', '--repo', repo)).json()).toMatchObject({ removed: [], kept: [{ id: backup.id }] });
    const deleted = await type('backup', 'delete', backup.id, '--repo', repo);
    expect(deleted.code).toBe(1);
    expect(deleted.json()).toMatchObject({ error: { code: 'BACKUP_NEEDED' } });
  });

  test('it is exported into an empty folder, and never over what is there', async () => {
    const out = `out-${repo}`;
    const said = await type('export', backup.name, '--to', out, '--repo', repo);
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.json()).toMatchObject({ backup: backup.id, folder: path.join(folder, out), rows: ROWS });
    const { rows } = (await readExport(path.join(folder, out)))[`default.${name}`] ?? { rows: {} };
    expect(Object.values(rows).flat()).toHaveLength(ROWS);
    const again = await type('export', backup.id, '--to', out, '--repo', repo);
    expect(again.code).toBe(1);
    expect(again.json()).toMatchObject({ error: { code: 'CONFLICT' } });
    const none = await type('export', backup.id, '--to', `${out}-none`, '--collections', 'nope', '--repo', repo);
    expect(none.json()).toMatchObject({ error: { code: 'COLLECTION_NOT_FOUND' } });
  });

  test('what is on the source is told, with what would not be saved', async () => {
    const said = await type('inspect', '--source', source, '--collections', name);
    expect(said.json()).toMatchObject({ collections: [{ definition: { collection: name }, rows: ROWS }] });
    expect(said.json<{ warnings: unknown[] }>().warnings).toContainEqual({
      code: expect.any(String),
      message: expect.any(String),
    });
  });

  test('damage is named, ends with exit code 1, and stops a restore before the target is touched', async () => {
    const chunk = (await filesOf(repo)).find((file) => file.endsWith('.parquet')) ?? '';
    await appendFile(chunk, 'x');
    const before = await films.starting(source, prefix);
    const checked = await type('backup', 'verify', backup.id, '--level', '1', '--repo', repo);
    expect(checked.code).toBe(1);
    const report = checked.json<VerifyReport>();
    expect(report).toMatchObject({ result: 'damaged', damages: [{ code: 'OBJECT_DAMAGED', collection: name }] });
    expect((await type('repo', 'check', '--repo', repo)).code).toBe(1);
    const restored = await type('restore', backup.id, '--to', source, '--suffix', '_bad', '--repo', repo);
    expect(restored.code).toBe(1);
    expect(restored.json()).toMatchObject({ error: { code: 'BACKUP_DAMAGED' } });
    expect(await films.starting(source, prefix)).toEqual(before);
    const exported = await type('export', backup.id, '--to', `bad-${repo}`, '--repo', repo);
    expect(exported.code).toBe(1);
    expect(exported.json()).toMatchObject({ error: { code: 'OBJECT_DAMAGED' } });
    expect(await readdir(path.join(folder, `bad-${repo}`))).toEqual([]);
  });
});

describe('bad input, with nothing lost', () => {
  const failing = async (words: string[], code: string, exit = 1): Promise<void> => {
    const said = await type(...words);
    expect(said).toMatchObject({ code: exit, err: '' });
    expect(said.json()).toMatchObject({ error: { code, next: expect.stringMatching(/\S/) } });
  };
  const from = ['--source', milvus.lite, '--repo', 'bad'];

  test('an unknown collection, and nothing is left in the repository', async () => {
    await failing(['backup', 'create', ...from, '--collections', `${prefix}nope`], 'COLLECTION_NOT_FOUND');
    expect(await filesOf('bad')).toEqual(await freshlyMade('bad'));
  });

  test('a refused address', () => failing(['inspect', '--source', '127.0.0.1:1'], 'SOURCE_UNREACHABLE'));

  test('a source that is neither configured nor an address', () =>
    failing(['inspect', '--source', 'production'], 'SOURCE_NOT_FOUND'));

  test('no repository at all, and none is made by looking', async () => {
    await failing(['backup', 'list', '--repo', 'nowhere'], 'REPO_NOT_A_REPOSITORY');
    expect(await readdir(folder)).not.toContain('nowhere');
  });

  test('a folder with something else in it', async () => {
    const photos = await mkdtemp(path.join(folder, 'photos-'));
    await writeFile(path.join(photos, 'cat.jpg'), 'miau');
    await failing(
      ['backup', 'create', '--source', milvus.lite, '--repo', photos, '--collections', name],
      'REPO_NOT_A_REPOSITORY',
    );
    expect(await readdir(photos)).toEqual(['cat.jpg']);
  });

  test('an unknown backup', async () => {
    await type('repo', 'init', '--repo', 'empty');
    await failing(['restore', 'full_20200101_000000', '--to', milvus.lite, '--repo', 'empty'], 'BACKUP_NOT_FOUND');
  });

  test('no repository named where none is configured', () => failing(['backup', 'list'], 'REPOSITORY_NOT_FOUND'));

  test('a configuration that cannot be read, or has faults, which are all told', async () => {
    await failing(['backup', 'list', '--repo', 'bad', '--config', 'none.json'], 'CONFIG_UNREADABLE', 2);
    await writeFile(path.join(folder, 'faults.json'), '{"sorces": [], "api": {"port": "x"}}');
    const said = await milvault(['config', 'check', '--config', 'faults.json'], { folder });
    expect(said).toMatchObject({ code: 2, out: '' });
    expect(said.err).toMatch(/2 faults/);
    expect(said.err).toMatch(/ {2}- sorces: .*\n {2}- api\.port: /);
  });

  test('a token file that is not there, or has nobody to go to', async () => {
    await failing(['inspect', '--source', milvus.lite, '--token-file', 'none'], 'CONFIG_INVALID', 2);
    await failing(['drill', 'x', '--repo', 'bad', '--token-file', 'none'], 'REQUEST_INVALID', 2);
  });
});

test('a stop in the middle cancels the run and leaves nothing behind', async () => {
  const stop = new AbortController();
  const words = ['backup', 'create', '--local', '--source', milvus.milvus, '--repo', 'stopped', '--collections', name];
  const running = milvault(words, { folder, live: true, signal: stop.signal });
  await expect
    .poll(async () => (await filesOf('stopped').catch(() => [])).length, { timeout: 90_000 })
    .toBeGreaterThan(0);
  stop.abort(new Stopped('cancelled'));
  const said = await running;
  expect(said).toMatchObject({ code: 1, out: '' });
  expect(said.err).toMatch(/Cancelling run [0-9a-z]{26}/);
  expect(said.err).toMatch(/error .* \(RUN_CANCELLED\)/);
  expect(await filesOf('stopped')).toEqual(await freshlyMade('stopped'));
});
