import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../../apps/api/src/app.ts';
import { bench, LOCAL, TOKEN, withApp, withToken } from './parts.ts';

const HTML = '<!doctype html><title>milvault</title>';
const browser = { ...LOCAL, accept: 'text/html,application/xhtml+xml' };
let folder: string;
let app: Awaited<ReturnType<typeof buildApp>>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'milvault-page-'));
  await mkdir(path.join(folder, 'assets'));
  await writeFile(path.join(folder, 'index.html'), HTML);
  await writeFile(path.join(folder, 'assets', 'index-abc.js'), 'plain');
  await writeFile(path.join(folder, 'assets', 'index-abc.js.br'), 'small');
  app = await buildApp(bench({ page: folder }).parts);
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

describe('the admin page', () => {
  test.each(['/', '/backups', '/backups/x', '/runs?state=failed', '/apix'])(
    'is served at %s, and asked for anew each time',
    async (url) => {
      const answer = await app.inject({ url, headers: browser });
      expect([answer.statusCode, answer.body]).toEqual([200, HTML]);
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-cache', 'content-type': 'text/html; charset=utf-8' });
      expect(answer.headers['content-security-policy']).toContain("script-src 'self';");
      expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    },
  );

  test.each([
    '/api',
    '/api/v1/nothing',
    '/api/nothing',
    '/docs/nothing',
    '/queues/api/nothing',
    '/metrics/x',
    '/healthz/x',
    '/login/x',
    '/assets/none.js',
  ])('never stands in for %s', async (url) => {
    const answer = await app.inject({ url, headers: browser });
    expect([answer.statusCode, answer.body.includes('<title>milvault</title>')]).toEqual([404, false]);
  });

  test('hides no route of the API', async () => {
    for (const url of ['/api/v1/version', '/healthz', '/metrics', '/docs/json', '/queues/api/queues']) {
      const answer = await app.inject({ url, headers: browser });
      expect([url, answer.statusCode, answer.body.includes('<title>milvault</title>')]).toEqual([url, 200, false]);
    }
  });

  test('is for browsers: a program that asks for an unknown address is told so, and nothing but GET gets it', async () => {
    expect((await app.inject({ url: '/backups', headers: LOCAL })).statusCode).toBe(404);
    expect((await app.inject({ method: 'POST', url: '/backups', headers: browser })).statusCode).toBe(404);
  });

  test('has assets that browsers keep for good, small where a browser takes them small', async () => {
    const plain = await app.inject({ url: '/assets/index-abc.js', headers: LOCAL });
    expect([plain.body, plain.headers['cache-control']]).toEqual(['plain', 'public, max-age=31536000, immutable']);
    const small = await app.inject({
      url: '/assets/index-abc.js',
      headers: { ...LOCAL, 'accept-encoding': 'gzip, br' },
    });
    expect([small.body, small.headers['content-encoding'], small.headers['content-type']]).toEqual([
      'small',
      'br',
      expect.stringContaining('javascript'),
    ]);
    expect((await app.inject({ url: '/assets/../index.html', headers: LOCAL })).statusCode).toBe(404);
  });
});

test('with a token the page sends a browser to log in, and its assets hold nothing that would need one', async () => {
  await withApp(bench({ page: folder, config: withToken() }).parts, async (guarded) => {
    const page = await guarded.inject({ url: '/backups?type=full', headers: browser });
    expect([page.statusCode, page.headers.location]).toEqual([
      303,
      `/login?next=${encodeURIComponent('/backups?type=full')}`,
    ]);
    expect((await guarded.inject({ url: '/assets/index-abc.js', headers: LOCAL })).statusCode).toBe(200);
    const session = await guarded.inject({
      url: '/api/v1/session',
      headers: { ...LOCAL, authorization: `Bearer ${TOKEN}` },
    });
    expect(session.json()).toEqual({ login: true });
  });
});

test('where the page was not built, the root leads to the description of the API', async () => {
  await withApp(bench().parts, async (bare) => {
    const answer = await bare.inject({ url: '/', headers: browser });
    expect([answer.statusCode, answer.headers.location]).toEqual([302, '/docs']);
    expect((await bare.inject({ url: '/backups', headers: browser })).statusCode).toBe(404);
  });
});
