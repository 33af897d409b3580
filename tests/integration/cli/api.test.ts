import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  Stopped,
  type Backup,
  type DrillReport,
  type ExportRecord,
  type RestoreReport,
  type Run,
  type VerifyReport,
} from '@milvault/shared';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApiAndWorker, type Running } from '../../support/api-and-worker.ts';
import { milvault } from '../../support/cli.ts';
import { readExport } from '../../support/exports.ts';
import { createFilms } from '../../support/oracle/films.ts';
import { servers } from '../../support/servers.ts';

const { python, redis, ...milvus } = servers();
const films = createFilms(python);
const prefix = `cli_${randomBytes(4).toString('hex')}_`;
const name = `${prefix}films`;
const ROWS = 901;
let folder: string;
let running: Running;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'milvault-cli-'));
  await Promise.all([films.make(milvus.milvus, name, ROWS), films.make(milvus.lite, name, ROWS)]);
  running = await startApiAndWorker(redis, folder, {
    sources: [
      { name: 'real', address: milvus.milvus },
      { name: 'lite', address: milvus.lite },
    ],
    repositories: [{ name: 'main', place: path.join(folder, 'main') }],
    plans: [
      {
        name: 'nightly',
        source: 'lite',
        repository: 'main',
        collections: [name],
        full: '02:00',
        retention: { days: 3 },
      },
    ],
  });
});
afterAll(async () => {
  await running.close();
  await Promise.all([films.drop(milvus.milvus, prefix), films.drop(milvus.lite, prefix)]);
  await rm(folder, { recursive: true, force: true });
});

const type = (...words: string[]) => milvault([...words, '--json'], { folder, env: { MILVAULT_API: running.api } });
const locally = (...words: string[]) =>
  milvault([...words, '--json', '--local', '--repo', path.join(folder, 'main')], { folder });

test('a repository is made, and scanned', async () => {
  const made = await type('repo', 'init', '--repo', 'main');
  expect(made).toMatchObject({ code: 0, err: '' });
  expect(made.json()).toMatchObject({ name: 'main', place: path.join(folder, 'main'), backups: 0, damages: [] });
  expect((await type('repo', 'scan')).json()).toMatchObject({ id: made.json()['id'], backups: 0 });
});

describe.each([
  ['Milvus 2.3.5', 'real', milvus.milvus],
  ['Milvus Lite', 'lite', milvus.lite],
])('on %s, over the API and a worker', (_server, source, address) => {
  let backup: Backup;

  test('a backup is taken and waited for', async () => {
    const said = await type('backup', 'create', '--source', source, '--collections', name, '--wait');
    expect(said).toMatchObject({ code: 0, err: '' });
    backup = said.json<Backup>();
    expect(backup).toMatchObject({ status: 'complete', repository: 'main', rows: ROWS, type: 'full', engine: 'rows' });
  });

  test('it is listed, checked and restored, and a drill proves it', async () => {
    const list = await type('backup', 'list', '--repo', 'main');
    expect(list.json<{ backups: Backup[] }>().backups.map(({ id }) => id)).toContain(backup.id);
    const checked = await type('backup', 'verify', backup.id, '--level', '3');
    expect(checked.json<VerifyReport>()).toMatchObject({ result: 'ok', rows: ROWS });
    const restored = await type('restore', backup.name, '--to', source, '--suffix', '_api', '--repo', 'main');
    expect(restored.json<RestoreReport>()).toMatchObject({ collections: [{ contentEqual: true, rowsRestored: ROWS }] });
    expect(await films.equal(address, name, address, `${name}_api`)).toEqual({ equal: true, rows: [ROWS, ROWS] });
    const drilled = await type('drill', backup.id, '--to', 'lite');
    expect(drilled.json<DrillReport>()).toMatchObject({ result: 'ok', rows: ROWS });
    for (const said of [list, checked, restored, drilled]) expect(said).toMatchObject({ code: 0, err: '' });
  });
});

test('a backup taken one way is restored the other way', async () => {
  const [overApi] = (await locally('backup', 'list')).json<{ backups: Backup[] }>().backups;
  const there = await locally('restore', overApi?.id ?? '', '--to', milvus.lite, '--rename', `${name}=${prefix}a`);
  expect(there).toMatchObject({ code: 0, err: '' });
  const taken = (await locally('backup', 'create', '--source', milvus.lite, '--collections', name)).json<Backup>();
  const back = await type('restore', taken.id, '--to', 'lite', '--rename', `${name}=${prefix}b`);
  expect(back).toMatchObject({ code: 0, err: '' });
  expect(await films.equal(milvus.lite, `${prefix}a`, milvus.lite, `${prefix}b`)).toEqual({
    equal: true,
    rows: [ROWS, ROWS],
  });
});

test('an export over the API is the export of the repository, and damage is told by its name', async () => {
  const [backup] = (await type('backup', 'list')).json<{ backups: Backup[] }>().backups;
  const id = backup?.id ?? '';
  const said = await type('export', id, '--to', 'over-api');
  expect(said).toMatchObject({ code: 0, err: '' });
  expect(said.json()).toMatchObject({ backup: id, rows: ROWS, folder: path.join(folder, 'over-api') });
  expect(await locally('export', id, '--to', 'locally')).toMatchObject({ code: 0, err: '' });
  const record = async (place: string): Promise<ExportRecord> =>
    JSON.parse(await readFile(path.join(folder, place, 'export.json'), 'utf8')) as ExportRecord;
  const [there, here] = [await record('over-api'), await record('locally')];
  expect(there.collections).toEqual(here.collections);
  expect(
    Object.values(Object.values(await readExport(path.join(folder, 'over-api')))[0]?.rows ?? {}).flat(),
  ).toHaveLength(ROWS);

  const place = path.join(folder, 'main', 'data', backup?.source.id ?? '', id);
  const chunk = (await readdir(place, { recursive: true })).find((file) => file.endsWith('.parquet')) ?? '';
  const bytes = await readFile(path.join(place, chunk));
  await chmod(path.join(place, chunk), 0o600);
  await writeFile(
    path.join(place, chunk),
    bytes.map((byte, i) => (i === 100 ? byte ^ 1 : byte)),
  );
  const bad = await type('export', id, '--to', 'bad');
  expect(bad.code).toBe(1);
  expect(bad.json()).toMatchObject({ error: { code: 'OBJECT_DAMAGED', message: expect.stringContaining(chunk) } });
  expect(await readdir(path.join(folder, 'bad'))).toEqual([]);
  await writeFile(path.join(place, chunk), bytes);
});

test('a plan is listed and run, and its run is shown with its log', async () => {
  expect((await type('plan', 'list')).json()).toMatchObject({
    total: 1,
    plans: [{ name: 'nightly', retention: { days: 3 } }],
  });
  const queued = (await type('plan', 'run', 'nightly')).json<{ run: string }>();
  const shown = async () => (await type('run', 'show', queued.run)).json<{ state: string; plan: string }>();
  await expect.poll(async () => (await shown()).state, { timeout: 90_000 }).toBe('succeeded');
  expect(await shown()).toMatchObject({ plan: 'nightly', kind: 'backup' });
  const runs = (await type('run', 'list', '--kind', 'backup', '--plan', 'nightly')).json<{ runs: { id: string }[] }>();
  expect(runs.runs.map(({ id }) => id)).toEqual([queued.run]);
  expect((await type('run', 'logs', queued.run)).json<{ lines: string[] }>().lines.length).toBeGreaterThan(0);
  expect((await type('backup', 'list', '--plan', 'nightly')).json()).toMatchObject({ total: 1 });
  expect((await type('run', 'cancel', queued.run)).json()).toMatchObject({ error: { code: 'CONFLICT' } });
});

test('a clean-up tells what it would remove, and every backup is checked', async () => {
  const dry = await type('prune', '--dry-run');
  expect(dry).toMatchObject({ code: 0, err: '' });
  expect(dry.json()).toMatchObject({ dryRun: true, removed: [], failed: [] });
  const checked = await type('repo', 'check', '--level', '1');
  expect(checked).toMatchObject({ code: 0, err: '' });
  expect(checked.json()).toMatchObject({ result: 'ok', damages: [] });
});

test('an older backup is deleted', async () => {
  const { backups } = (await type('backup', 'list')).json<{ backups: Backup[] }>();
  const oldest = backups.filter(({ source, plan }) => source.address === milvus.lite && plan === null).at(-1);
  expect((await type('backup', 'delete', oldest?.id ?? '')).json()).toMatchObject({ id: oldest?.id, removed: true });
  expect((await type('backup', 'show', oldest?.id ?? '')).json()).toMatchObject({
    error: { code: 'BACKUP_NOT_FOUND' },
  });
});

test('what is on a source is told', async () => {
  const said = await type('inspect', '--source', 'lite', '--collections', name);
  expect(said.json()).toMatchObject({
    source: 'lite',
    collections: [{ definition: { collection: name }, rows: ROWS }],
  });
});

test('a stop cancels the run on the worker, and nothing of it is left', async () => {
  const before = (await type('backup', 'list')).json<{ total: number }>().total;
  const stop = new AbortController();
  const words = ['backup', 'create', '--source', 'real', '--collections', name, '--wait'];
  const waiting = milvault(words, { folder, env: { MILVAULT_API: running.api }, signal: stop.signal });
  const underway = async () => {
    const { runs } = (await type('run', 'list', '--kind', 'backup', '--limit', '1')).json<{ runs: Run[] }>();
    return runs.filter(({ endedAt }) => endedAt === null).length;
  };
  await expect.poll(underway, { timeout: 90_000, interval: 10 }).toBe(1);
  stop.abort(new Stopped('cancelled'));
  const said = await waiting;
  expect(said).toMatchObject({ code: 1, out: '' });
  expect(said.err).toMatch(/\(RUN_CANCELLED\)/);
  expect((await type('backup', 'list')).json()).toMatchObject({ total: before });
  const ids = (await type('backup', 'list')).json<{ backups: Backup[] }>().backups.map(({ id }) => id);
  const data = await readdir(path.join(folder, 'main', 'data'), { recursive: true });
  const drafts = data.map((entry) => entry.split(path.sep)).filter((parts) => parts.length === 2);
  expect(drafts.map(([, id]) => id).filter((id) => !ids.includes(id ?? ''))).toEqual([]);
});

describe('bad input is told with the words of the API', () => {
  test.each([
    [['backup', 'create', '--source', 'reel', '--collections', 'x'], 'SOURCE_NOT_FOUND', 1],
    [['backup', 'create', '--collections', 'x'], 'REQUEST_INVALID', 2],
    [['backup', 'create', '--source', 'lite', '--collections', 'cli_nope', '--wait'], 'COLLECTION_NOT_FOUND', 1],
    [
      ['backup', 'create', '--source', '127.0.0.1:1', '--collections', 'x', '--token-file', 'f'],
      'OPTION_UNSUPPORTED',
      2,
    ],
    [['backup', 'show', 'full_20200101_000000'], 'BACKUP_NOT_FOUND', 1],
    [['run', 'show', '01kapjm4sv3m9w0c6q4y7x2z1a'], 'RUN_NOT_FOUND', 1],
    [['plan', 'run', 'weekly'], 'PLAN_NOT_FOUND', 1],
    [['repo', 'scan', '--repo', 'mane'], 'REPOSITORY_NOT_FOUND', 1],
  ] as const)('%j', async (words, code, exit) => {
    const said = await type(...words);
    expect(said).toMatchObject({ code: exit, err: '' });
    expect(said.json()).toMatchObject({ error: { code, next: expect.stringMatching(/\S/) } });
  });
});
