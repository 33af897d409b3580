import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACKUP_DEFAULTS } from '@milvault/jobs';
import type { Problem } from '@milvault/shared';
import { buildApp } from '../../../apps/api/src/app.ts';
import { bench, LOCAL, type Bench } from './parts.ts';

let app: Awaited<ReturnType<typeof buildApp>>;
let used: Bench;

beforeAll(async () => {
  used = bench();
  app = await buildApp(used.parts);
});
afterAll(() => app.close());

async function ask(method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object | string, type?: string) {
  const headers = type === undefined ? LOCAL : { ...LOCAL, 'content-type': type };
  const answer = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  return { status: answer.statusCode, type: answer.headers['content-type'], body: answer.json<Problem>() };
}

describe('what a body may be', () => {
  test('a misspelt field is named, with the field that was meant', async () => {
    const { status, type, body } = await ask('POST', '/api/v1/runs/backup', { colections: ['films'] });
    expect([status, type]).toEqual([400, 'application/problem+json']);
    expect(body).toMatchObject({
      code: 'REQUEST_INVALID',
      expected: 'did you mean collections?',
      got: 'the unknown field colections',
      details: { faults: [{ path: 'body/colections' }] },
    });
    expect(body.next).not.toBe('');
    expect(used.started).toEqual([]);
  });

  test('every fault is told at once', async () => {
    const { body } = await ask('POST', '/api/v1/runs/backup', { type: 'ful', verify: 7, collections: [], speed: 1 });
    const faults = (body.details?.['faults'] ?? []) as { path: string; expected: string; got: string }[];
    expect(faults.map(({ path }) => path).sort()).toEqual([
      'body/collections',
      'body/speed',
      'body/type',
      'body/verify',
    ]);
    const of = (path: string) => faults.find((fault) => fault.path === path);
    expect(of('body/type')).toMatchObject({ expected: 'full or incremental', got: '"ful"' });
    expect(of('body/verify')).toMatchObject({ expected: 'an integer of 0 to 3 or null', got: '7' });
  });

  test('a missing field is told with what it should be', async () => {
    const { body } = await ask('POST', '/api/v1/runs/verify', {});
    expect(body).toMatchObject({ code: 'REQUEST_INVALID', expected: 'text of 1 to 256 characters', got: 'nothing' });
  });

  test('numbers in text stay text in a body, and are read in a query', async () => {
    expect((await ask('POST', '/api/v1/runs/verify', { backup: 'full_20261122_020000', level: '2' })).status).toBe(400);
    expect((await ask('GET', '/api/v1/backups?limit=1&offset=0')).status).toBe(200);
    expect((await ask('GET', '/api/v1/backups?limit=many')).body).toMatchObject({ code: 'REQUEST_INVALID' });
    expect((await ask('GET', '/api/v1/backups?limt=1')).body).toMatchObject({ expected: 'did you mean limit?' });
  });

  test.each([
    ['broken JSON', '{"source": ', 'application/json'],
    ['plain text', 'source=shop', 'text/plain'],
    ['a form', 'source=shop', 'application/x-www-form-urlencoded'],
    ['XML', '<source/>', 'application/xml'],
    ['an empty body that claims to be JSON', '', 'application/json'],
  ])('%s is REQUEST_NOT_JSON', async (_name, payload, type) => {
    const { status, body } = await ask('POST', '/api/v1/runs/backup', payload, type);
    expect([status, body.code]).toEqual([400, 'REQUEST_NOT_JSON']);
  });

  test('a body that is larger than the limit is refused with the limit', async () => {
    const { body } = await ask('POST', '/api/v1/runs/backup', { collections: ['x'.repeat(2 * 1024 * 1024)] });
    expect(body).toMatchObject({ code: 'REQUEST_INVALID', expected: 'at most 1 MiB' });
  });

  test('whatever JSON comes, the answer is a run or a problem with a code, and never INTERNAL', async () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('full', 'shop', 'main', null, [], {}, '__proto__', 0, -1));
    const key = fc.oneof(
      fc.constantFrom('source', 'repository', 'collections', 'type', 'verify', 'target'),
      fc.string(),
    );
    const kind = fc.constantFrom('backup', 'verify', 'drill', 'restore', 'cleanup', 'health');
    await fc.assert(
      fc.asyncProperty(kind, fc.oneof(fc.dictionary(key, value), fc.jsonValue()), async (route, body) => {
        const text = JSON.stringify(body);
        const answer = await ask('POST', `/api/v1/runs/${route}`, text, 'application/json');
        if (answer.status === 202) return;
        expect(answer.status).toBeLessThan(500);
        expect(answer.body.code).toMatch(/^[A-Z_]+$/);
        expect(answer.body.type).toBe(`urn:milvault:error:${answer.body.code}`);
      }),
      { numRuns: 200 },
    );
  });
});

describe('names in a request', () => {
  const started = async (path: string, body: object) => {
    const answer = await ask('POST', path, body);
    expect(answer.status).toBe(202);
    return used.started.at(-1);
  };

  test('what is left out has its default, and the only source and repository are taken', async () => {
    expect(await started('/api/v1/runs/backup', {})).toEqual({
      kind: 'backup',
      plan: null,
      payload: {
        source: 'shop',
        repository: 'main',
        collections: ['*'],
        type: 'full',
        engine: 'auto',
        plan: null,
        verify: 2,
        ...BACKUP_DEFAULTS,
      },
    });
    expect(await started('/api/v1/runs/cleanup', {})).toMatchObject({ payload: { repository: null, dryRun: false } });
    expect(await started('/api/v1/runs/health', {})).toMatchObject({ kind: 'health', payload: {} });
  });

  test('no check after a backup is null, not the default', async () => {
    expect(await started('/api/v1/runs/backup', { verify: null })).toMatchObject({ payload: { verify: null } });
  });

  test('an address and a folder may stand for a source and a repository', async () => {
    const body = { source: 'http://10.0.0.7:19530', repository: '/mnt/elsewhere' };
    expect(await started('/api/v1/runs/backup', body)).toMatchObject({ payload: body });
  });

  test('a backup is found by name and passed on by id and repository', async () => {
    const id = '01kaq8h5v0000000000000000a';
    const path = '/api/v1/backups/full_20261122_020000';
    expect(await started(`${path}/verify`, { level: 3 })).toMatchObject({
      payload: { backup: id, repository: 'main', level: 3 },
    });
    expect(await started(`${path}/drill`, {})).toMatchObject({ kind: 'drill', payload: { backup: id, target: null } });
    expect(await started(`${path}/restore`, { target: 'shop', rename: { films: 'films2' } })).toMatchObject({
      kind: 'restore',
      payload: { backup: id, target: 'shop', rename: { films: 'films2' }, suffix: null, collections: [] },
    });
  });

  test('a plan runs as it is written, and may be told to take the other type', async () => {
    expect(await started('/api/v1/plans/daily/run', {})).toMatchObject({
      plan: 'daily',
      payload: { plan: 'daily', type: 'full', source: 'shop', repository: 'main', collections: ['*'] },
    });
    expect(await started('/api/v1/plans/daily/run', { type: 'incremental' })).toMatchObject({
      payload: { type: 'incremental' },
    });
  });

  test.each([
    ['POST', '/api/v1/runs/backup', { source: 'shpo' }, 404, 'SOURCE_NOT_FOUND'],
    ['POST', '/api/v1/runs/backup', { source: 'root:Milvus@10.0.0.7:19530' }, 400, 'REQUEST_INVALID'],
    ['POST', '/api/v1/runs/backup', { repository: 'mian' }, 404, 'REPOSITORY_NOT_FOUND'],
    ['POST', '/api/v1/runs/backup', { repository: '/mnt/../etc' }, 400, 'NAME_INVALID'],
    ['POST', '/api/v1/runs/backup', { repository: '/mnt/a\u0000b' }, 400, 'NAME_INVALID'],
    ['POST', '/api/v1/runs/verify', { backup: 'nothing' }, 404, 'BACKUP_NOT_FOUND'],
    ['POST', '/api/v1/runs/verify', { backup: 'x', level: 9 }, 400, 'REQUEST_INVALID'],
    ['POST', '/api/v1/runs/drill', { backup: 'nothing' }, 404, 'BACKUP_NOT_FOUND'],
    ['POST', '/api/v1/runs/restore', { backup: 'full_20261122_020000' }, 400, 'REQUEST_INVALID'],
    ['POST', '/api/v1/runs/restore', { backup: 'full_20261122_020000', target: 'nowhere' }, 404, 'SOURCE_NOT_FOUND'],
    ['POST', '/api/v1/runs/cleanup', { repository: 'mian' }, 404, 'REPOSITORY_NOT_FOUND'],
    ['POST', '/api/v1/runs/health', { deep: true }, 400, 'REQUEST_INVALID'],
    ['POST', '/api/v1/runs/dance', {}, 404, 'ROUTE_NOT_FOUND'],
    ['GET', '/api/v1/runs?state=done', undefined, 400, 'REQUEST_INVALID'],
    ['GET', '/api/v1/runs/none', undefined, 404, 'RUN_NOT_FOUND'],
    ['GET', '/api/v1/runs/none/logs', undefined, 404, 'RUN_NOT_FOUND'],
    ['GET', '/api/v1/runs/none/events', undefined, 404, 'RUN_NOT_FOUND'],
    ['POST', '/api/v1/runs/none/cancel', undefined, 404, 'RUN_NOT_FOUND'],
    ['POST', '/api/v1/runs/none/retry', undefined, 404, 'RUN_NOT_FOUND'],
    ['POST', '/api/v1/runs/run-1/retry', undefined, 409, 'CONFLICT'],
    ['GET', '/api/v1/backups?repository=mian', undefined, 404, 'REPOSITORY_NOT_FOUND'],
    ['GET', '/api/v1/backups/nothing', undefined, 404, 'BACKUP_NOT_FOUND'],
    ['DELETE', '/api/v1/backups/nothing', undefined, 404, 'BACKUP_NOT_FOUND'],
    ['POST', '/api/v1/backups/nothing/verify', {}, 404, 'BACKUP_NOT_FOUND'],
    ['POST', '/api/v1/backups/nothing/drill', {}, 404, 'BACKUP_NOT_FOUND'],
    ['POST', '/api/v1/backups/nothing/restore', { target: 'shop' }, 404, 'BACKUP_NOT_FOUND'],
    ['GET', '/api/v1/plans/dialy', undefined, 404, 'PLAN_NOT_FOUND'],
    ['POST', '/api/v1/plans/dialy/run', {}, 404, 'PLAN_NOT_FOUND'],
    ['GET', '/api/v1/sources/shpo/inspect', undefined, 404, 'SOURCE_NOT_FOUND'],
    ['GET', '/api/v1/sources/shop/inspect', undefined, 502, 'SOURCE_UNREACHABLE'],
    ['POST', '/api/v1/repositories', { repository: 'mian' }, 404, 'REPOSITORY_NOT_FOUND'],
    ['POST', '/api/v1/repositories', {}, 400, 'REQUEST_INVALID'],
    ['GET', '/api/v1/repositories/mian', undefined, 404, 'REPOSITORY_NOT_FOUND'],
    ['POST', '/api/v1/channels/opps/test', undefined, 404, 'CHANNEL_NOT_FOUND'],
    ['GET', '/api/v1/sources?x=1', undefined, 400, 'REQUEST_INVALID'],
    ['GET', '/api/v1/version?x=1', undefined, 400, 'REQUEST_INVALID'],
    ['GET', '/api/v1/workers?x=1', undefined, 400, 'REQUEST_INVALID'],
    ['GET', '/api/v1/channels?x=1', undefined, 400, 'REQUEST_INVALID'],
    ['GET', '/api/v1/repositories?x=1', undefined, 400, 'REQUEST_INVALID'],
    ['GET', '/api/v1/plans?x=1', undefined, 400, 'REQUEST_INVALID'],
    ['POST', '/api/v1/runs/run-1/cancel', { reason: 'tired' }, 400, 'REQUEST_INVALID'],
    ['GET', '/nothing/here', undefined, 404, 'ROUTE_NOT_FOUND'],
  ] as const)('%s %s %j answers %i %s', async (method, url, payload, status, code) => {
    const before = used.started.length;
    const answer = await ask(method, url, payload);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.next).not.toBe('');
    expect(used.started).toHaveLength(before);
  });

  test('a near name is offered', async () => {
    expect((await ask('POST', '/api/v1/runs/backup', { source: 'shpo' })).body.next).toBe('Did you mean shop?');
    expect((await ask('GET', '/api/v1/plans/dialy')).body.next).toBe('Did you mean daily?');
  });
});

describe('what is answered', () => {
  test('sources and channels are listed without their secrets', async () => {
    const text = JSON.stringify([
      (await ask('GET', '/api/v1/sources')).body,
      (await ask('GET', '/api/v1/channels')).body,
      (await ask('GET', '/api/v1/repositories')).body,
    ]);
    expect(text).toContain('"credentials":true');
    expect(text).toContain('"ops"');
    expect(text).not.toContain('secret');
  });

  test('a plan shows when it is due and its last good backup', async () => {
    const { body } = await ask('GET', '/api/v1/plans/daily');
    expect(body).toMatchObject({
      name: 'daily',
      full: { cron: '0 2 * * 0' },
      check: { cron: '0 5 * * 0', next: expect.any(Number) },
      base: 'last',
      chain: { links: 14, days: 30 },
      consistency: 'fuzzy',
      checkLevel: 3,
      checkRuns: 4,
      drill: null,
      drillTarget: null,
      drillRuns: null,
      maxRunHours: 24,
      lastGood: { name: 'full_20261122_020000' },
    });
    const { next } = (body as unknown as { full: { next: number } }).full;
    expect([new Date(next).getUTCDay(), new Date(next).getUTCHours()]).toEqual([0, 2]);
  });

  test('a removed backup is named', async () => {
    const { status, body } = await ask('DELETE', '/api/v1/backups/full_20261122_020000');
    expect([status, body]).toEqual([
      200,
      { id: '01kaq8h5v0000000000000000a', name: 'full_20261122_020000', removed: true },
    ]);
    expect(used.removed).toEqual(['01kaq8h5v0000000000000000a']);
  });

  test('version, workers and the lists have their shapes', async () => {
    expect((await ask('GET', '/api/v1/version')).body).toMatchObject({ name: 'milvault', version: '9.9.9', api: 'v1' });
    expect((await ask('GET', '/api/v1/workers')).body).toEqual({
      workers: [{ name: 'host:1', queues: ['runs'] }],
      total: 1,
    });
    expect((await ask('GET', '/api/v1/runs')).body).toMatchObject({ total: 1 });
    expect((await ask('GET', '/api/v1/runs/run-1/logs')).body).toEqual({ lines: ['log of run-1'] });
  });

  test('the root leads to the documentation', async () => {
    const answer = await app.inject({ url: '/', headers: LOCAL });
    expect([answer.statusCode, answer.headers['location']]).toEqual([302, '/docs']);
  });
});
