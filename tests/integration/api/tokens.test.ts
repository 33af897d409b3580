import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { secret, systemClock, type AuditPage, type Role, type TokenList, type TokenMade } from '@milvault/shared';
import { openStage, type Stage } from '../../support/api-stage.ts';
import { keptInRedis } from '../../support/kept-in-redis.ts';
import { servers } from '../../support/servers.ts';

const ADMIN = 'the-admin-token-of-this-test';
const HOUR = 3_600_000;
const api = { adminToken: secret(ADMIN) };
let passed = 0;
const clock = { ...systemClock, now: () => systemClock.now() + passed };
let one: Stage;
let other: Stage;

beforeEach(async () => {
  passed = 0;
  one = await openStage({ api, clock });
  other = await openStage({ api, clock, prefix: one.prefix });
});
afterEach(async () => {
  await other.close();
  await one.close();
});

const bearer = (token: string) => ({ host: 'localhost', authorization: `Bearer ${token}` });
const inject = (on: Stage, method: 'GET' | 'POST' | 'DELETE', url: string, token = ADMIN, payload?: object) =>
  on.app.inject({ method, url, headers: bearer(token), ...(payload === undefined ? {} : { payload }) });
const make = async (name: string, role: Role, extra: object = {}): Promise<TokenMade> => {
  const answer = await inject(one, 'POST', '/api/v1/tokens', ADMIN, { name, role, ...extra });
  expect([answer.statusCode, answer.headers['cache-control']]).toEqual([201, 'no-store']);
  return answer.json<TokenMade>();
};
const status = async (on: Stage, token: string): Promise<number> =>
  (await inject(on, 'GET', '/api/v1/version', token)).statusCode;
const login = async (on: Stage, token: string) =>
  on.app.inject({ method: 'POST', url: '/login', headers: { host: 'localhost' }, payload: { token } });
const bySession = async (on: Stage, cookie: string, url = '/api/v1/session') =>
  on.app.inject({ url, headers: { host: 'localhost' }, cookies: { milvault_session: cookie } });
const audit = async (token = ADMIN): Promise<AuditPage['entries']> =>
  (await inject(other, 'GET', '/api/v1/audit', token)).json<AuditPage>().entries;

describe('a token', () => {
  test('is shown once, works in every process, and is void in each as soon as it is revoked', async () => {
    const made = await make('ci', 'operator');
    expect(made).toMatchObject({ name: 'ci', role: 'operator', by: 'admin token', expiresAt: null, usedAt: null });
    expect(made.secret).toMatch(/^mv_[\w-]{43}$/);
    for (const stage of [one, other]) expect(await status(stage, made.secret)).toBe(200);
    const listed = await inject(other, 'GET', '/api/v1/tokens');
    expect(listed.body).not.toContain(made.secret);
    expect(Object.keys(listed.json<TokenList>().tokens[0] ?? {}).sort()).toEqual(
      ['by', 'createdAt', 'expiresAt', 'name', 'role', 'usedAt'].sort(),
    );
    expect(listed.json<TokenList>().tokens[0]?.usedAt).toBeGreaterThan(made.createdAt - 60_000);
    expect((await keptInRedis(servers().redis, one.prefix)).join('\n')).not.toContain(made.secret);
    expect((await inject(one, 'DELETE', '/api/v1/tokens/ci')).json()).toEqual({ name: 'ci', revoked: true });
    for (const stage of [one, other]) expect(await status(stage, made.secret)).toBe(401);
    expect((await inject(one, 'DELETE', '/api/v1/tokens/ci')).json()).toMatchObject({ code: 'TOKEN_NOT_FOUND' });
  });

  test('ends at its time', async () => {
    const expiresAt = clock.now() + HOUR;
    const made = await make('guest', 'viewer', { expiresAt });
    const session = (await login(one, made.secret)).cookies[0];
    expect(session?.maxAge).toBeLessThanOrEqual(HOUR / 1000);
    expect((await bySession(other, session?.value ?? '')).json()).toEqual({ login: true, role: 'viewer' });
    passed = HOUR + 1;
    expect(await status(other, made.secret)).toBe(401);
    expect((await bySession(other, session?.value ?? '')).statusCode).toBe(401);
  });

  test.each([
    [{ name: 'x', role: 'viewer', expiresAt: 1 }, 'TIME_INVALID'],
    [{ name: 'admin token', role: 'viewer' }, 'REQUEST_INVALID'],
    [{ name: 'x', role: 'root' }, 'REQUEST_INVALID'],
    [{ name: 'taken', role: 'admin' }, 'CONFLICT'],
  ])('is not made of %j', async (payload, code) => {
    await make('taken', 'viewer');
    expect((await inject(one, 'POST', '/api/v1/tokens', ADMIN, payload)).json()).toMatchObject({ code });
    expect((await inject(one, 'GET', '/api/v1/tokens')).json()).toMatchObject({ total: 1 });
  });

  test('of an admin makes others, and they outlive it', async () => {
    const boss = await make('boss', 'admin');
    const made = await inject(other, 'POST', '/api/v1/tokens', boss.secret, { name: 'ci', role: 'viewer' });
    expect(made.json()).toMatchObject({ by: 'boss' });
    await inject(one, 'DELETE', '/api/v1/tokens/boss');
    expect(await status(one, made.json<TokenMade>().secret)).toBe(200);
  });

  test('is not made where nobody would need it', async () => {
    const open = await openStage();
    try {
      const asked = { method: 'POST', url: '/api/v1/tokens', headers: { host: 'localhost' } } as const;
      const answer = await open.app.inject({ ...asked, payload: { name: 'ci', role: 'viewer' } });
      expect(answer.json()).toMatchObject({ code: 'OPTION_UNSUPPORTED' });
      expect(answer.body).toContain('MILVAULT_ADMIN_TOKEN');
    } finally {
      await open.close();
    }
  });
});

describe('a session of a token', () => {
  test('has its role, and dies with it in every process, also where another gets its name', async () => {
    const made = await make('ann', 'operator');
    const cookie = (await login(one, made.secret)).cookies[0]?.value ?? '';
    expect(cookie).not.toContain(made.secret);
    expect((await bySession(other, cookie)).json()).toEqual({ login: true, role: 'operator' });
    expect((await bySession(other, cookie, '/queues')).statusCode).toBe(403);
    await inject(one, 'DELETE', '/api/v1/tokens/ann');
    expect((await bySession(other, cookie)).statusCode).toBe(401);
    await make('ann', 'admin');
    expect((await bySession(other, cookie)).statusCode).toBe(401);
  });

  test('cannot be made one of another token, of the admin token, or longer', async () => {
    const [ann] = [await make('ann', 'viewer'), await make('bob', 'admin')];
    const cookie = (await login(one, ann.secret)).cookies[0]?.value ?? '';
    const forged = [
      cookie.replace('.ann.', '.bob.'),
      cookie.replace('.ann.', '..'),
      cookie.replace(/^\d+/, (end) => String(Number(end) + 1)),
      cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    ];
    for (const value of forged) expect([value, (await bySession(one, value)).statusCode]).toEqual([value, 401]);
    expect((await bySession(one, cookie)).statusCode).toBe(200);
  });
});

describe('the audit log', () => {
  test('tells who did what to what, and who was refused; never a body or a secret', async () => {
    const made = await make('ann', 'operator');
    await login(one, made.secret);
    const started = await inject(one, 'POST', '/api/v1/runs/health', made.secret);
    expect(started.statusCode).toBe(202);
    await inject(one, 'DELETE', '/api/v1/backups/full_x?repository=main', made.secret);
    await inject(one, 'GET', '/api/v1/runs', made.secret);
    await inject(one, 'POST', '/api/v1/runs/health', 'wrong');
    await inject(one, 'DELETE', `/api/v1/tokens/${made.secret}`, made.secret);
    await inject(one, 'DELETE', '/api/v1/tokens/ann');
    const entries = await audit();
    expect(entries.map(({ by, method, route, status }) => `${by}: ${method} ${route} ${String(status)}`)).toEqual([
      'admin token: DELETE /api/v1/tokens/:token 200',
      'ann: DELETE /api/v1/tokens/:token 403',
      'ann: DELETE /api/v1/backups/:backup 403',
      'ann: POST /api/v1/runs/health 202',
      'ann: POST /login 303',
      'admin token: POST /api/v1/tokens 201',
    ]);
    expect(entries.map(({ target, result }) => ({ target, result }))).toEqual([
      { target: { token: 'ann' }, result: 'ann' },
      { target: { token: '[secret]' }, result: null },
      { target: { backup: 'full_x' }, result: null },
      { target: {}, result: started.json<{ id: string }>().id },
      { target: {}, result: null },
      { target: {}, result: 'ann' },
    ]);
    expect(JSON.stringify(entries)).not.toContain(made.secret);
  });

  test('is for admins, in pages', async () => {
    for (const name of ['a', 'b', 'c']) await make(name, 'viewer');
    const first = (await inject(one, 'GET', '/api/v1/audit?limit=2')).json<AuditPage>();
    const second = (await inject(one, 'GET', `/api/v1/audit?limit=2&before=${first.next ?? ''}`)).json<AuditPage>();
    expect([...first.entries, ...second.entries].map(({ result }) => result)).toEqual(['c', 'b', 'a']);
    expect(second.next).toBeNull();
    const viewer = await make('d', 'viewer');
    expect((await inject(one, 'GET', '/api/v1/audit', viewer.secret)).json()).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('has what was done through the board, too', async () => {
    const writable = await openStage({ api: { ...api, boardWritable: true }, prefix: one.prefix });
    try {
      const pause = await inject(writable, 'PUT' as 'POST', '/queues/api/queues/runs/pause');
      expect(pause.statusCode).toBe(200);
      expect((await audit())[0]).toMatchObject({ by: 'admin token', method: 'PUT', target: { queueName: 'runs' } });
    } finally {
      await writable.close();
    }
  });
});
