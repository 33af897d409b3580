import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backup, DrillReport, PlanView, Problem, RestoreReport, Run, VerifyReport } from '@milvault/shared';
import { openStage, type Stage } from '../../support/api-stage.ts';
import { createFilms } from '../../support/oracle/films.ts';
import { servers } from '../../support/servers.ts';

const { python, lite } = servers();
const films = createFilms(python);
const prefix = `api_${randomBytes(4).toString('hex')}_`;
const name = `${prefix}films`;
const ROWS = 321;
let stage: Stage;
let url: string;

beforeAll(async () => {
  await films.make(lite, name, ROWS);
  stage = await openStage({
    sections: {
      plans: [{ name: 'nightly', source: 'lite', repository: 'main', collections: [name], full: '02:00' }],
    },
  });
  url = await stage.listen();
  await stage.worker();
});
afterAll(async () => {
  await stage.close();
  await films.drop(lite, prefix);
});

async function ask<Answer>(method: string, path: string, body?: object): Promise<{ status: number; body: Answer }> {
  const sent =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await fetch(`${url}${path}`, { method, ...sent });
  return { status: answer.status, body: (await answer.json()) as Answer };
}

/** Starts a run and watches its events until the end, as a page does. */
async function runToEnd(path: string, body: object): Promise<{ run: Run; events: string[] }> {
  const started = await ask<Run>('POST', path, body);
  expect(started).toMatchObject({ status: 202, body: { state: expect.stringMatching(/queued|running|succeeded/) } });
  const text = await (await fetch(`${url}/api/v1/runs/${started.body.id}/events`)).text();
  const last = /event: run\ndata: (.*)\n\n$/.exec(text)?.[1];
  return {
    run: JSON.parse(last ?? text) as Run,
    events: [...text.matchAll(/^event: (.*)$/gm)].map(([, event]) => event ?? ''),
  };
}

describe('the main path, over HTTP', () => {
  let backup: Backup;

  test('a place that is no repository is told as that, and becomes one', async () => {
    expect(await ask('GET', '/api/v1/repositories/main')).toMatchObject({
      status: 422,
      body: { code: 'REPO_NOT_A_REPOSITORY' },
    });
    const made = await ask<{ id: string }>('POST', '/api/v1/repositories', { repository: 'main' });
    expect(made).toMatchObject({ status: 201, body: { name: 'main', backups: 0, rows: 0, damages: [] } });
    const again = await ask<{ id: string }>('POST', '/api/v1/repositories', { repository: 'main' });
    expect(again.body.id).toBe(made.body.id);
    const place = encodeURIComponent(`${stage.folder}/main`);
    expect((await ask<{ id: string }>('GET', `/api/v1/repositories/${place}`)).body.id).toBe(made.body.id);
  });

  test('a source is looked into, by name and by address', async () => {
    for (const source of ['lite', encodeURIComponent(lite), encodeURIComponent(`http://${lite}`)]) {
      const { status, body } = await ask('GET', `/api/v1/sources/${source}/inspect?collections=${name}`);
      expect([status, body]).toMatchObject([200, { collections: [{ rows: ROWS, definition: { collection: name } }] }]);
    }
    const none = await ask<Problem>('GET', `/api/v1/sources/lite/inspect?collections=${prefix}none`);
    expect([none.status, none.body.code]).toEqual([404, 'COLLECTION_NOT_FOUND']);
    const nobody = await ask<Problem>('GET', `/api/v1/sources/${encodeURIComponent('127.0.0.1:1')}/inspect`);
    expect([nobody.status, nobody.body.code]).toEqual([502, 'SOURCE_UNREACHABLE']);
  });

  test('a plan is run, watched to its end, and its backup is listed everywhere', async () => {
    const { run, events } = await runToEnd('/api/v1/plans/nightly/run', {});
    expect(run).toMatchObject({ kind: 'backup', state: 'succeeded', plan: 'nightly', error: null });
    expect(events.at(-1)).toBe('run');
    const { body } = await ask<{ backups: Backup[]; total: number }>('GET', '/api/v1/backups?plan=nightly');
    expect(body).toMatchObject({ total: 1, backups: [{ rows: ROWS, repository: 'main', type: 'full' }] });
    backup = body.backups[0] as Backup;
    expect((await ask<Backup>('GET', `/api/v1/backups/${backup.name}`)).body.id).toBe(backup.id);
    expect(await ask('GET', '/api/backups')).toMatchObject({
      body: { code: 0, data: { total: 1, backups: [{ backup_name: backup.name, type: 'full', entities: ROWS }] } },
    });
    expect(await ask('GET', '/api/stats')).toMatchObject({ body: { code: 0, data: { total_entities: ROWS } } });
    expect((await ask<PlanView>('GET', '/api/v1/plans/nightly')).body.lastGood?.id).toBe(backup.id);
    expect((await ask('GET', `/api/v1/runs/${run.id}/logs`)).body).toMatchObject({ lines: expect.any(Array) });
  });

  test('it is verified, drilled and restored, equal in every field by a client of somebody else', async () => {
    const verified = await runToEnd(`/api/v1/backups/${backup.id}/verify`, { level: 3 });
    expect(verified.run).toMatchObject({
      state: 'succeeded',
      result: { result: 'ok', rows: ROWS } satisfies Partial<VerifyReport>,
    });
    const drilled = await runToEnd('/api/v1/runs/drill', { backup: backup.name });
    expect(drilled.run).toMatchObject({
      state: 'succeeded',
      result: { result: 'ok', rows: ROWS } satisfies Partial<DrillReport>,
    });
    const restored = await runToEnd(`/api/v1/backups/${backup.id}/restore`, { target: 'lite', suffix: '_back' });
    expect(restored.run).toMatchObject({ state: 'succeeded', result: { rows: ROWS } satisfies Partial<RestoreReport> });
    expect(await films.equal(lite, name, lite, `${name}_back`)).toEqual({ equal: true, rows: [ROWS, ROWS] });
    const twice = await runToEnd('/api/v1/runs/restore', { backup: backup.id, target: 'lite', suffix: '_back' });
    expect(twice.run).toMatchObject({ state: 'failed', error: { code: 'TARGET_EXISTS' } });
  });

  test("the original's routes do the same work", async () => {
    const created = await ask<{ code: number; data: { run: string } }>('POST', '/api/backup/create', {
      collections: [name],
    });
    expect([created.status, created.body.code]).toEqual([200, 0]);
    await fetch(`${url}/api/v1/runs/${created.body.data.run}/events`).then((answer) => answer.text());
    expect((await ask<{ data: { total: number } }>('GET', '/api/backups')).body.data.total).toBe(2);
    const restored = await ask<{ data: { run: string } }>('POST', '/api/backup/restore', {
      backup_name: backup.id,
      suffix: '_original',
    });
    await fetch(`${url}/api/v1/runs/${restored.body.data.run}/events`).then((answer) => answer.text());
    expect(await films.equal(lite, name, lite, `${name}_original`)).toMatchObject({ equal: true });
  });

  test('a run that fails says why, and an ended one cannot be cancelled', async () => {
    const { run } = await runToEnd('/api/v1/runs/backup', { collections: [`${prefix}none`] });
    expect(run).toMatchObject({ state: 'failed', error: { code: 'COLLECTION_NOT_FOUND' } });
    expect(await ask('POST', `/api/v1/runs/${run.id}/cancel`)).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    });
    expect(await ask('GET', '/api/v1/runs?state=failed&kind=backup')).toMatchObject({
      body: { total: 1, runs: [{ id: run.id }] },
    });
    const { run: again } = await runToEnd(`/api/v1/runs/${run.id}/retry`, {});
    expect(again).toMatchObject({
      kind: 'backup',
      state: 'failed',
      request: run.request,
      error: { code: run.error?.code },
    });
    expect(again.id).not.toBe(run.id);
  });

  test('the events of it all are read again from any of them on', async () => {
    const from = async (id: string): Promise<string[]> => {
      const leaving = new AbortController();
      const answer = await fetch(`${url}/api/v1/events`, { headers: { 'last-event-id': id }, signal: leaving.signal });
      let text = '';
      for await (const chunk of answer.body ?? []) {
        text += new TextDecoder().decode(chunk);
        if (text.includes('"state":"failed"') && text.endsWith('\n\n') && text.split('"kind":"backup"').length > 3)
          break;
      }
      leaving.abort();
      return [...text.matchAll(/^id: (.*)$/gm)].map(([, one]) => one ?? '');
    };
    const all = await from('0-0');
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(5);
    expect((await from(all[2] ?? '')).slice(0, 3)).toEqual(all.slice(3, 6));
  });

  test('the metrics count what is there', async () => {
    await expect
      .poll(async () => (await fetch(`${url}/metrics`)).text())
      .toMatch(/^milvault_run_duration_seconds_count\{kind="backup",state="succeeded"\} [12]$/m);
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toMatch(/^milvault_workers 1$/m);
    expect(text).toMatch(/^milvault_queue_jobs\{queue="runs",state="completed"\} \d+$/m);
    expect(text).toMatch(/^milvault_queue_workers\{queue="parts"\} 1$/m);
    expect(text).toMatch(/^milvault_backups\{repository="main",type="full"\} 2$/m);
    expect(text).toMatch(/^milvault_repository_up\{repository="main"\} 1$/m);
    expect(text).toMatch(/^milvault_repository_free_bytes\{repository="main"\} \d/m);
    expect(text).toMatch(/^milvault_plan_last_good_backup_age_seconds\{plan="nightly"\} \d/m);
    expect(text).not.toMatch(/milvault_scrape_ok\{.*\} 0/);
  });

  test('a backup is deleted where another good one stays, and the last good one is not', async () => {
    const { backups } = (await ask<{ backups: Backup[] }>('GET', '/api/v1/backups')).body;
    const byHand = backups.find((one) => one.plan === null);
    const answers = [];
    for (const one of [byHand?.id, backup.id])
      answers.push(await ask<{ code?: string }>('DELETE', `/api/v1/backups/${one}`));
    expect(answers.map(({ status, body }) => [status, body.code])).toContainEqual([409, 'BACKUP_NEEDED']);
    expect((await ask<{ total: number }>('GET', '/api/v1/backups')).body.total).toBeGreaterThan(0);
  });
});

test('an equal run that waits or goes on is a conflict, and is named', async () => {
  const lonely = await openStage();
  try {
    const start = () =>
      lonely.app.inject({ method: 'POST', url: '/api/v1/runs/health', headers: { host: 'localhost' } });
    const first = (await start()).json<Run>();
    const second = await start();
    expect([second.statusCode, second.json<Problem>().code]).toEqual([409, 'CONFLICT']);
    expect(second.body).toContain(first.id);
    const cancel = await lonely.app.inject({
      method: 'POST',
      url: `/api/v1/runs/${first.id}/cancel`,
      headers: { host: 'localhost' },
    });
    expect([cancel.statusCode, cancel.json<Run>().state]).toEqual([202, 'cancelled']);
  } finally {
    await lonely.close();
  }
});
