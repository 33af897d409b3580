import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Backup, ProbeReport, RestoreReport, VerifyReport } from '@milvault/shared';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { milvault, type Said } from '../../support/cli.ts';
import { createFilms } from '../../support/oracle/films.ts';
import { s3Server } from '../../support/s3-servers.ts';
import { servers } from '../../support/servers.ts';

const { python, lite } = servers();
const films = createFilms(python);
const prefix = `s3_${randomBytes(4).toString('hex')}_`;
const name = `${prefix}films`;
const ROWS = 801;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'milvault-cli-s3-'));
  await films.make(lite, name, ROWS);
});
afterAll(async () => {
  await films.drop(lite, prefix);
  await rm(folder, { recursive: true, force: true });
});

describe('a repository in a bucket, by the command line in one process', () => {
  const store = s3Server('versitygw');
  let repo: string;
  beforeAll(async () => {
    repo = await store.newPlace('milvus');
  });
  const env = () => ({
    AWS_ACCESS_KEY_ID: store.server().accessKey,
    AWS_SECRET_ACCESS_KEY: store.server().secretKey,
    AWS_ENDPOINT_URL_S3: store.server().endpoint,
  });
  const type = async (...words: string[]): Promise<Said> => {
    const said = await milvault([...words, '--local', '--json'], { folder, env: env() });
    expect(said.out + said.err).not.toContain(store.server().secretKey);
    return said;
  };
  let backup: Backup;

  test('its store is tried before anything is kept there', async () => {
    const said = await type('repo', 'probe', '--repo', repo);
    expect(said.code).toBe(0);
    expect(said.json<ProbeReport>()).toMatchObject({ safe: true, place: repo });
    expect(await store.keys(repo)).toEqual([]);
  });

  test('the first backup makes it, and is checked to the last row', async () => {
    const said = await type('backup', 'create', '--source', lite, '--repo', `${repo}/`, '--collections', name);
    expect(said.code).toBe(0);
    backup = said.json<Backup>();
    expect(backup).toMatchObject({ rows: ROWS, repository: repo, status: 'complete' });
    const checked = await type('backup', 'verify', backup.id, '--level', '3', '--repo', repo);
    expect(checked.json<VerifyReport>()).toMatchObject({ level: 3, result: 'ok', rows: ROWS });
    expect((await type('repo', 'scan', '--repo', repo)).json()).toMatchObject({ place: repo, backups: 1, space: null });
    expect(await readdir(folder)).toEqual([]);
  });

  test('a backup comes back from it, every field of every row equal', async () => {
    const said = await type('restore', backup.id, '--to', lite, '--suffix', '_again', '--repo', repo);
    expect(said.json<RestoreReport>()).toMatchObject({ rows: ROWS, collections: [{ contentEqual: true }] });
    expect(await films.equal(lite, name, lite, `${name}_again`)).toEqual({ equal: true, rows: [ROWS, ROWS] });
  });

  test('it may be configured under a name, with keys of its own', async () => {
    const { accessKey, secretKey, endpoint } = store.server();
    const s3 = { endpoint, accessKey, secretKey: 'env:BUCKET_KEY' };
    const file = path.join(folder, 'offsite.json');
    await writeFile(file, JSON.stringify({ repositories: [{ name: 'offsite', place: repo, s3 }] }));
    const words = ['backup', 'list', '--local', '--json', '--config', file];
    const said = await milvault(words, { folder, env: { BUCKET_KEY: secretKey } });
    expect(said.json()).toMatchObject({ total: 1, backups: [{ id: backup.id, repository: 'offsite' }] });
    const wrong = await milvault(words, { folder, env: { BUCKET_KEY: 'not-the-key-5' } });
    expect(wrong.code).toBe(1);
    expect(wrong.json()).toMatchObject({ unread: [{ repository: 'offsite', code: 'REPO_ACCESS_DENIED' }] });
    expect(wrong.out + wrong.err).not.toContain('not-the-key-5');
  });

  test('a place that holds keys is refused, and not shown', async () => {
    const said = await type('backup', 'list', '--repo', 's3://key:hunter2@bucket/x');
    expect(said.code).not.toBe(0);
    expect(said.out + said.err).not.toContain('hunter2');
  });
});

describe('a store that ignores conditions', () => {
  const store = s3Server('s3rver');

  test('holds no backup, and the words say why', async () => {
    const { accessKey, secretKey, endpoint } = store.server();
    const env = { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey, AWS_ENDPOINT_URL: endpoint };
    const repo = await store.newPlace();
    const words = ['backup', 'create', '--local', '--json', '--source', lite, '--repo', repo, '--collections', name];
    const backup = await milvault(words, { folder, env });
    expect(backup.code).not.toBe(0);
    expect(backup.json()).toMatchObject({ error: { code: 'REPO_STORE_UNSAFE' } });
    expect(backup.out).toContain('If-None-Match');
    expect(await store.keys(repo)).toEqual([]);
  });
});
