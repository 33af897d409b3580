import { expect, test } from 'vitest';
import { backup, bench, config, LOCAL, withApp } from './parts.ts';

const TWO = [
  backup(),
  backup({
    id: '01kaq8h5v0000000000000000b',
    name: 'incr_20261123_013000',
    type: 'incremental',
    rows: 12,
    bytes: { own: 200, total: 1200 },
    committedAt: 1_795_400_000_500,
    durationMs: 1500,
  }),
];
const LATEST = {
  backup_name: 'incr_20261123_013000',
  type: 'incremental',
  timestamp: 1_795_400_000,
  entities: 12,
  size: 200,
  duration: 1.5,
};

test('GET /api/backups gives the records of the original, newest first', async () => {
  await withApp(bench({}, TWO).parts, async (app) => {
    const { code, data } = (await app.inject({ url: '/api/backups', headers: LOCAL })).json();
    expect([code, data.total, data.backups[0]]).toEqual([0, 2, LATEST]);
    expect(data.backups[1]).toMatchObject({ backup_name: 'full_20261122_020000', entities: 10, size: 1000 });
  });
});

test('GET /api/stats sums up, also where there is nothing yet', async () => {
  await withApp(bench({}, TWO).parts, async (app) => {
    expect((await app.inject({ url: '/api/stats', headers: LOCAL })).json()).toEqual({
      code: 0,
      data: { total_backups: 2, total_size: 1200, total_entities: 22, latest_backup: LATEST },
    });
  });
  await withApp(bench({}, []).parts, async (app) => {
    expect((await app.inject({ url: '/api/stats', headers: LOCAL })).json()).toEqual({
      code: 0,
      data: { total_backups: 0, total_size: 0, total_entities: 0, latest_backup: null },
    });
  });
});

test('POST /api/backup/create and /api/backup/restore start real runs', async () => {
  const used = bench({}, TWO);
  await withApp(used.parts, async (app) => {
    const create = { method: 'POST', url: '/api/backup/create', headers: LOCAL } as const;
    const restore = { method: 'POST', url: '/api/backup/restore', headers: LOCAL } as const;
    expect((await app.inject(create)).json()).toMatchObject({ code: 0, message: expect.stringContaining('run-1') });
    await app.inject({ ...create, payload: { type: 'incremental', collections: ['films'] } });
    const restored = await app.inject({ ...restore, payload: { backup_name: 'incr_20261123_013000' } });
    expect(restored.json()).toMatchObject({ code: 0, data: { run: 'run-1' } });
    expect(used.started).toMatchObject([
      { kind: 'backup', payload: { source: 'shop', repository: 'main', type: 'full', collections: ['*'] } },
      { kind: 'backup', payload: { type: 'incremental', collections: ['films'] } },
      { kind: 'restore', payload: { backup: '01kaq8h5v0000000000000000b', target: 'shop' } },
    ]);
  });
});

test('errors come in the envelope: a code that is not 0, a message, and what milvault adds', async () => {
  const used = bench();
  await withApp(used.parts, async (app) => {
    const post = async (url: string, payload: object | string) => {
      const answer = await app.inject({
        method: 'POST',
        url,
        headers: { ...LOCAL, 'content-type': 'application/json' },
        payload,
      });
      return {
        status: answer.statusCode,
        body: answer.json<{ code: number; message: string; error: { code: string } }>(),
      };
    };
    const cases = [
      await post('/api/backup/restore', { backup_name: 'nothing' }),
      await post('/api/backup/restore', {}),
      await post('/api/backup/create', { colections: [] }),
      await post('/api/backup/create', 'no json'),
    ];
    expect(cases.map(({ status, body }) => [status, body.code, body.error.code])).toEqual([
      [404, 404, 'BACKUP_NOT_FOUND'],
      [400, 400, 'REQUEST_INVALID'],
      [400, 400, 'REQUEST_INVALID'],
      [400, 400, 'REQUEST_NOT_JSON'],
    ]);
    for (const { body } of cases) expect(body.message).not.toBe('');
    const misspelt = await app.inject({ url: '/api/stats?x=1', headers: LOCAL });
    expect(misspelt.json()).toMatchObject({ code: 400 });
    expect((await app.inject({ url: '/api/backups?x=1', headers: LOCAL })).json()).toMatchObject({ code: 400 });
    expect(used.started).toEqual([]);
  });
});

test('with no source or repository to choose, the caller is told what is missing', async () => {
  await withApp(bench({ config: { ...config(), sources: [] } }).parts, async (app) => {
    const answer = await app.inject({ method: 'POST', url: '/api/backup/create', headers: LOCAL });
    expect(answer.json()).toMatchObject({ code: 404, error: { code: 'SOURCE_NOT_FOUND' } });
  });
});
