import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { secret, type Clock, type Config } from '@milvault/shared';
import { buildApp } from '../../../apps/api/src/app.ts';
import { requireSafeBind } from '../../../apps/api/src/plugins/access.ts';
import { bench, config, LOCAL, TOKEN, withApp, withToken } from './parts.ts';

let app: Awaited<ReturnType<typeof buildApp>> | null = null;
afterEach(async () => {
  await app?.close();
  app = null;
});

/** Every route that shows or changes something; the open ones are in the table below. */
const GUARDED = [
  ['GET', '/'],
  ['GET', '/metrics'],
  ['GET', '/docs/json'],
  ['GET', '/queues'],
  ['GET', '/queues/api/queues'],
  ['PUT', '/queues/api/queues/runs/pause'],
  ['GET', '/api/backups'],
  ['POST', '/api/backup/create'],
  ['POST', '/api/backup/restore'],
  ['GET', '/api/stats'],
  ['GET', '/api/v1/events'],
  ['GET', '/api/v1/sources'],
  ['POST', '/api/v1/repositories'],
  ['GET', '/api/v1/plans'],
  ['GET', '/api/v1/backups'],
  ['DELETE', '/api/v1/backups/x'],
  ['POST', '/api/v1/runs/backup'],
  ['GET', '/api/v1/runs'],
  ['GET', '/api/v1/tokens'],
  ['GET', '/api/v1/audit'],
  ['GET', '/api/v1/workers'],
  ['POST', '/api/v1/channels/ops/test'],
  ['GET', '/no/such/route'],
] as const;

async function start(given: Config = withToken(), clock?: Clock) {
  app = await buildApp(bench({ config: given, ...(clock === undefined ? {} : { clock }) }).parts);
  return app;
}

const bearer = (token: string) => ({ ...LOCAL, authorization: `Bearer ${token}` });

describe('with an admin token', () => {
  let guarded: Awaited<ReturnType<typeof buildApp>>;
  const used = bench({ config: withToken() });
  beforeAll(async () => {
    guarded = await buildApp(used.parts);
  });
  afterAll(() => guarded.close());

  test.each(GUARDED)('%s %s needs it', async (method, url) => {
    const refused = [
      LOCAL,
      bearer('wrong'),
      { ...LOCAL, authorization: TOKEN },
      { ...LOCAL, cookie: 'milvault_session=1.x' },
    ];
    for (const headers of refused) {
      // An address of its own for each row: the throttle is another test's.
      const remoteAddress = `10.9.0.${String(GUARDED.findIndex((one) => one[0] === method && one[1] === url))}`;
      const answer = await guarded.inject({ method, url, headers, remoteAddress });
      const body = answer.json<{ code: string; error?: { code: string } }>();
      expect([answer.statusCode, body.error?.code ?? body.code]).toEqual([401, 'UNAUTHENTICATED']);
      expect(answer.headers['www-authenticate']).toContain('Bearer');
    }
    expect(used.started).toEqual([]);
  });

  test.each(['/healthz', '/readyz', '/login'])('%s is open', async (url) => {
    const answer = await (await start()).inject({ url, headers: LOCAL });
    expect(answer.statusCode).toBe(200);
  });

  test('the token opens, under any name of the host and from anywhere', async () => {
    const one = await start();
    const remote = {
      url: '/api/v1/version',
      headers: { ...bearer(TOKEN), host: 'backups.example.com' },
      remoteAddress: '10.1.2.3',
    };
    expect((await one.inject(remote)).statusCode).toBe(200);
    expect((await one.inject({ ...remote, headers: { host: 'backups.example.com' } })).statusCode).toBe(401);
  });

  test('ten wrong tokens close the door for that address, right ones included, until the minute is over', async () => {
    let now = 1_000_000;
    const clock: Clock = { now: () => now, monotonic: () => now, sleep: () => Promise.resolve() };
    const one = await start(withToken(), clock);
    const ask = (token: string, remoteAddress: string) =>
      one.inject({ url: '/api/v1/version', headers: bearer(token), remoteAddress });
    for (let i = 0; i < 10; i++) expect((await ask(`guess${i}`, '10.0.0.1')).statusCode).toBe(401);
    const limited = await ask(TOKEN, '10.0.0.1');
    expect([limited.statusCode, limited.json<{ code: string }>().code]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask(TOKEN, '10.0.0.2')).statusCode).toBe(200);
    now += 60_000;
    expect((await ask(TOKEN, '10.0.0.1')).statusCode).toBe(200);
  });
});

describe('a session', () => {
  const login = async (one: Awaited<ReturnType<typeof buildApp>>, token: string, next = '/queues') =>
    one.inject({
      method: 'POST',
      url: `/login?next=${encodeURIComponent(next)}`,
      headers: { ...LOCAL, 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' },
      payload: new URLSearchParams({ token }).toString(),
    });

  test('is given for the token, kept from scripts and other sites, and opens the pages', async () => {
    const one = await start();
    const answer = await login(one, TOKEN);
    expect([answer.statusCode, answer.headers['location']]).toEqual([303, '/queues']);
    const [cookie] = answer.cookies;
    expect(cookie).toMatchObject({ name: 'milvault_session', httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(cookie?.value).not.toContain(TOKEN);
    const opened = await one.inject({
      url: '/api/v1/version',
      headers: LOCAL,
      cookies: { milvault_session: cookie?.value ?? '' },
    });
    expect(opened.statusCode).toBe(200);
  });

  test('is not given for a wrong token, and the page says so', async () => {
    const answer = await login(await start(), 'wrong');
    expect([answer.statusCode, answer.cookies]).toEqual([401, []]);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.body).toContain('no valid token');
  });

  test('ends after twelve hours, with another token, and when its end is forged', async () => {
    let now = 1_000_000;
    const clock: Clock = { now: () => now, monotonic: () => now, sleep: () => Promise.resolve() };
    const one = await start(withToken(), clock);
    const value = (await login(one, TOKEN)).cookies[0]?.value ?? '';
    const status = async (given: string, on = one) =>
      (await on.inject({ url: '/api/v1/version', headers: LOCAL, cookies: { milvault_session: given } })).statusCode;
    expect(await status(value)).toBe(200);
    expect(await status(value.replace(/^\d+/, (end) => String(Number(end) + 1)))).toBe(401);
    await withApp(bench({ config: config({ adminToken: secret('another') }), clock }).parts, async (other) => {
      expect(await status(value, other)).toBe(401);
    });
    now += 12 * 3_600_000;
    expect(await status(value)).toBe(401);
  });

  test('a browser without one is sent to the login page and back', async () => {
    const answer = await (await start()).inject({ url: '/queues?x=1', headers: { ...LOCAL, accept: 'text/html' } });
    expect([answer.statusCode, answer.headers['location']]).toEqual([303, '/login?next=%2Fqueues%3Fx%3D1']);
  });

  test.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/a\r\nSet-Cookie: x=1', '/\t/evil.example'])(
    'never leads to another site: %j',
    async (next) => {
      const answer = await login(await start(), TOKEN, next);
      expect([answer.statusCode, answer.headers['location']]).toEqual([303, '/']);
    },
  );

  test('ends by logging out', async () => {
    const answer = await (await start()).inject({ method: 'POST', url: '/logout', headers: LOCAL });
    expect(answer.cookies[0]).toMatchObject({ name: 'milvault_session', value: '' });
  });
});

describe('without an admin token', () => {
  let one: Awaited<ReturnType<typeof buildApp>>;
  beforeAll(async () => {
    one = await buildApp(bench().parts);
  });
  afterAll(() => one.close());

  test.each([
    ['localhost:8787', '127.0.0.1', {}, 200],
    ['127.0.0.1:8787', '127.0.0.1', {}, 200],
    ['[::1]:8787', '::1', {}, 200],
    ['LOCALHOST', '::ffff:127.0.0.1', {}, 200],
    ['rebound.example.com', '127.0.0.1', {}, 403],
    ['localhost.example.com', '127.0.0.1', {}, 403],
    ['127.0.0.1.example.com:8787', '127.0.0.1', {}, 403],
    ['localhost:8787', '10.0.0.5', {}, 403],
    ['localhost:8787', '127.0.0.1', { 'x-forwarded-for': '10.0.0.5' }, 403],
    ['localhost:8787', '127.0.0.1', { forwarded: 'for=10.0.0.5' }, 403],
  ] as const)('Host %s from %s with %j answers %i', async (host, remoteAddress, extra, status) => {
    const answer = await one.inject({ url: '/api/v1/version', headers: { host, ...extra }, remoteAddress });
    expect(answer.statusCode).toBe(status);
    if (status === 403) expect(answer.json()).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('milvault listens on this machine only', () => {
    expect(() => requireSafeBind(config({ host: '0.0.0.0' }).api)).toThrow(/admin token/);
    expect(() => requireSafeBind(config({ host: '::' }).api)).toThrow(expect.objectContaining({ code: 'BIND_UNSAFE' }));
    expect(() => requireSafeBind(config({ host: 'backups.example.com' }).api)).toThrow();
    expect(() => requireSafeBind(config({ host: '0.0.0.0', adminToken: secret('x') }).api)).not.toThrow();
    expect(() => requireSafeBind(config({ host: '127.0.0.1' }).api)).not.toThrow();
  });
});

describe('a browser on behalf of another site', () => {
  let one: Awaited<ReturnType<typeof buildApp>>;
  beforeAll(async () => {
    one = await buildApp(bench().parts);
  });
  afterAll(() => one.close());

  const post = (headers: Record<string, string>) => ({
    method: 'POST' as const,
    url: '/api/v1/runs/health',
    headers: { ...LOCAL, ...headers },
  });

  test.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'same-origin', origin: 'http://localhost:8787' }, 202],
    [{ 'sec-fetch-site': 'none' }, 202],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://localhost:9999' }, 403],
    [{ origin: 'http://localhost:8787' }, 202],
    [{}, 202],
  ] as [Record<string, string>, number][])('POST with %j answers %i', async (headers, status) => {
    expect((await one.inject(post(headers))).statusCode).toBe(status);
  });

  test('cannot read either: no answer allows another origin', async () => {
    const answer = await one.inject({ url: '/api/v1/version', headers: { ...LOCAL, origin: 'https://evil.example' } });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });
});
