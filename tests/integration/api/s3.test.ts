import { randomBytes } from 'node:crypto';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CleanupOutcome } from '@milvault/jobs';
import { createLogger, type Backup, type ProbeReport, type Problem, type Run } from '@milvault/shared';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../../support/api-stage.ts';
import { keptInRedis } from '../../support/kept-in-redis.ts';
import { createFilms } from '../../support/oracle/films.ts';
import { s3Server } from '../../support/s3-servers.ts';
import { servers } from '../../support/servers.ts';

const { python, lite, redis: redisUrl } = servers();
const films = createFilms(python);
const prefix = `api_s3_${randomBytes(4).toString('hex')}_`;
const name = `${prefix}films`;
const ROWS = 321;

describe('a repository in a bucket, over the API and two workers', () => {
  const store = s3Server('versitygw');
  /** All that the API answered. */
  const said: string[] = [];
  let folder: string;
  let stage: Stage;
  let url: string;
  let place: string;

  beforeAll(async () => {
    await films.make(lite, name, ROWS);
    place = await store.newPlace();
    const { endpoint, accessKey, secretKey } = store.server();
    folder = await mkdtemp(path.join(tmpdir(), 'milvault-api-s3-'));
    stage = await openStage({
      logger: createLogger({ name: 'test', level: 'trace', fd: openSync(path.join(folder, 'log'), 'a') }),
      sections: {
        repositories: [
          { name: 'offsite', place, s3: { endpoint, accessKey, secretKey } },
          {
            name: 'locked',
            place: `${place}-locked`,
            s3: { endpoint, accessKey, secretKey: 'not-the-key-0123456789' },
          },
          { name: 'nowhere', place: 's3://no-such-bucket/x', s3: { endpoint, accessKey, secretKey } },
        ],
        plans: [{ name: 'nightly', source: 'lite', repository: 'offsite', collections: [name], full: '02:00' }],
      },
    });
    url = await stage.listen();
    await stage.worker();
    await stage.worker();
  });
  afterAll(async () => {
    await stage.close();
    await films.drop(lite, prefix);
    await rm(folder, { recursive: true, force: true });
  });

  async function ask<Answer>(method: string, path: string, body?: object): Promise<{ status: number; body: Answer }> {
    const sent =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(`${url}${path}`, { method, ...sent });
    const text = await answer.text();
    said.push(text);
    return { status: answer.status, body: JSON.parse(text) as Answer };
  }
  async function runToEnd(path: string, body: object): Promise<Run> {
    const started = await ask<Run>('POST', path, body);
    expect(started.status).toBe(202);
    said.push(await (await fetch(`${url}/api/v1/runs/${started.body.id}/events`)).text());
    return (await ask<Run>('GET', `/api/v1/runs/${started.body.id}`)).body;
  }
  const backups: Backup[] = [];

  test('is tried, and made', async () => {
    const { status, body } = await ask<ProbeReport>('POST', '/api/v1/repositories/offsite/probe');
    expect([status, body]).toMatchObject([200, { place, safe: true }]);
    expect(await ask('POST', '/api/v1/repositories', { repository: 'offsite' })).toMatchObject({
      status: 201,
      body: { name: 'offsite', place, backups: 0, damages: [], space: null },
    });
  });

  test.each([
    ['locked', 'REPO_ACCESS_DENIED', /secretKey/],
    ['nowhere', 'REPO_NOT_A_REPOSITORY', /bucket/],
  ] as const)('that cannot be reached (%s) is told with what to do', async (repository, code, next) => {
    for (const path of [`/api/v1/repositories/${repository}/probe`, '/api/v1/repositories']) {
      const { body } = await ask<Problem>('POST', path, path.endsWith('probe') ? undefined : { repository });
      expect(body).toMatchObject({ code });
      expect(body.next).toMatch(next);
    }
  });

  test('takes a full and an incremental that borrows from it', async () => {
    for (const type of ['full', 'incremental'] as const) {
      const request = { source: 'lite', repository: 'offsite', collections: [name], type };
      const run = await runToEnd('/api/v1/runs/backup', request);
      expect(run).toMatchObject({ state: 'succeeded', error: null });
      backups.push((await ask<Backup>('GET', `/api/v1/backups/${(run.result as unknown as Backup).id}`)).body);
    }
    const [full, incremental] = backups;
    expect(full).toMatchObject({ type: 'full', rows: ROWS, repository: 'offsite' });
    expect(incremental).toMatchObject({ type: 'incremental', base: full?.id, rows: ROWS, bytes: { own: 0 } });
  });

  test('proves it, gives it back, and drills it', async () => {
    const id = backups[1]?.id ?? '';
    const verified = await runToEnd(`/api/v1/backups/${id}/verify`, { level: 3 });
    expect(verified).toMatchObject({ state: 'succeeded', result: { result: 'ok', rows: ROWS } });
    const drilled = await runToEnd('/api/v1/runs/drill', { backup: id });
    expect(drilled).toMatchObject({ state: 'succeeded', result: { result: 'ok', rows: ROWS } });
    const restored = await runToEnd(`/api/v1/backups/${id}/restore`, { target: 'lite', suffix: '_back' });
    expect(restored).toMatchObject({ state: 'succeeded', result: { rows: ROWS } });
    expect(await films.equal(lite, name, lite, `${name}_back`)).toEqual({ equal: true, rows: [ROWS, ROWS] });
  });

  test('is cleaned up with the reason for each backup, and none goes that another one needs', async () => {
    const [full, incremental] = backups;
    const cleaned = await runToEnd('/api/v1/runs/cleanup', { repository: 'offsite' });
    expect(cleaned.state).toBe('succeeded');
    const report = cleaned.result as unknown as CleanupOutcome;
    expect(report).toMatchObject({ removed: [], failed: [] });
    expect(report.kept.map(({ id }) => id).sort()).toEqual(backups.map(({ id }) => id).sort());
    const refused = await fetch(`${url}/api/v1/backups/${full?.id}`, { method: 'DELETE' });
    expect([refused.status, await refused.json()]).toMatchObject([409, { code: 'BACKUP_NEEDED' }]);
    const deleted = await fetch(`${url}/api/v1/backups/${incremental?.id}`, { method: 'DELETE' });
    expect(deleted.ok).toBe(true);
    const left = (await store.keys(place)).filter((key) => /\/(data|pins|deleting)\//.test(key));
    expect(left.filter((key) => !key.includes(full?.id ?? '?'))).toEqual([]);
  });

  test('leaves its keys in no log, no answer, no object and nothing of Redis', async () => {
    const { secretKey } = store.server();
    const secrets = [secretKey, 'not-the-key-0123456789'];
    const kept = {
      log: (await readFile(path.join(folder, 'log'), 'utf8')).split('\n'),
      answers: said,
      redis: await keptInRedis(redisUrl, stage.prefix),
      objects: await store.contents(place),
    };
    for (const [where, texts] of Object.entries(kept)) {
      expect(texts.length, where).toBeGreaterThan(5);
      for (const one of secrets)
        expect(
          texts.filter((text) => text.includes(one)),
          where,
        ).toEqual([]);
    }
  });
});
