import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES, type Role } from '@milvault/shared';
import { buildApp } from '../../../apps/api/src/app.ts';
import { isEnough, RUN_NEEDS, type Needs } from '../../../apps/api/src/access/roles.ts';
import { bench, LOCAL, run, TOKEN, withToken, type Bench } from './parts.ts';

let used: Bench;
let app: Awaited<ReturnType<typeof buildApp>>;
const tokens: Partial<Record<Role, string>> = {};

beforeAll(async () => {
  used = bench({ config: withToken() });
  const cleaned = run({ kind: 'cleanup', endedAt: 2, state: 'succeeded' });
  used.parts.service.run = (id) => Promise.resolve({ ...cleaned, id, kind: id === 'backup' ? 'backup' : 'cleanup' });
  app = await buildApp(used.parts);
  for (const role of ROLES) {
    const headers = { ...LOCAL, authorization: `Bearer ${TOKEN}` };
    const made = await app.inject({ method: 'POST', url: '/api/v1/tokens', headers, payload: { name: role, role } });
    tokens[role] = made.json<{ secret: string }>().secret;
  }
});
afterAll(() => app.close());

const as = (role: Role) => ({ ...LOCAL, authorization: `Bearer ${tokens[role] ?? ''}` });
const split = (key: string): { method: 'GET'; url: string } => {
  const [method, url = ''] = key.split(' ');
  // Any method goes to `inject`, which names them one by one.
  return { method: method as 'GET', url: url.replace(/:\w+/g, 'x').replace('*', 'x') };
};

describe('every route', () => {
  test('has its rule', () => {
    const without = [...app.rules()].filter(([, needs]) => needs === undefined).map(([key]) => key);
    expect(app.rules().size).toBeGreaterThan(60);
    expect(without).toEqual([]);
  });

  test('refuses each lower role, and says which one it needs', async () => {
    const before = used.started.length;
    for (const [key, needs] of app.rules()) {
      for (const role of ROLES) {
        if (needs === undefined || needs === 'nobody' || isEnough(role, needs)) continue;
        const answer = await app.inject({ ...split(key), headers: as(role) });
        expect([key, role, answer.statusCode]).toEqual([key, role, 403]);
        if (!key.startsWith('HEAD')) expect(answer.body).toContain(`This needs the role ${needs}`);
      }
    }
    expect(used.started).toHaveLength(before);
    expect(used.removed).toEqual([]);
  });

  test('refuses who is not known, unless it is for anybody', async () => {
    for (const [key, needs] of app.rules()) {
      if (needs === 'nobody') continue;
      expect([key, (await app.inject({ ...split(key), headers: LOCAL })).statusCode]).toEqual([key, 401]);
    }
  });

  test('stands in docs/security.md under its role', () => {
    const doc = readFileSync('docs/security.md', 'utf8');
    const listed = (needs: Needs): string[] => {
      const cells = new RegExp(`^\\| ${needs} \\|[^|]*\\|([^|]*)\\|$`, 'm').exec(doc)?.[1] ?? '';
      return [...cells.matchAll(/`([^`]+)`/g)].map(([, one]) => one ?? '').sort();
    };
    const inCode = (needs: Needs): string[] => {
      const keys = [...app.rules()].filter(([key, one]) => one === needs && !key.startsWith('HEAD'));
      const shown = keys.map(([key]) => (/ \/queues/.test(key) ? '/queues' : key.replace(/:(\w+)/g, '{$1}')));
      return [...new Set(shown)].sort();
    };
    expect(listed('operator')).toEqual(inCode('operator'));
    expect(listed('admin')).toEqual(inCode('admin'));
    // Assets are there once the page was built.
    expect(listed('nobody').filter((key) => !key.includes('/assets/'))).toEqual(inCode('nobody'));
  });
});

describe('a role', () => {
  test.each([
    ['viewer', 'GET', '/api/v1/backups', 200],
    ['viewer', 'GET', '/docs/json', 200],
    ['viewer', 'POST', '/api/v1/runs/backup', 403],
    ['operator', 'POST', '/api/v1/runs/backup', 202],
    ['operator', 'POST', '/api/v1/runs/run-1/cancel', 202],
    ['operator', 'DELETE', '/api/v1/backups/full_20261122_020000', 403],
    ['admin', 'DELETE', '/api/v1/backups/full_20261122_020000', 200],
    ['viewer', 'GET', '/no/such/route', 404],
  ] as const)('%s: %s %s answers %i', async (role, method, url, status) => {
    const answer = await app.inject({ method, url, headers: as(role) });
    expect(answer.statusCode).toBe(status);
  });

  test.each(ROLES)('%s is told to its page', async (role) => {
    expect((await app.inject({ url: '/api/v1/session', headers: as(role) })).json()).toEqual({ login: true, role });
  });

  test('starts nothing again that it may not start', async () => {
    const again = (id: string, role: Role) =>
      app.inject({ method: 'POST', url: `/api/v1/runs/${id}/retry`, headers: as(role) });
    expect((await again('cleanup', 'operator')).json()).toMatchObject({ code: 'FORBIDDEN', status: 403 });
    expect((await again('cleanup', 'admin')).statusCode).toBe(202);
    expect((await again('backup', 'operator')).statusCode).toBe(202);
    expect(RUN_NEEDS.cleanup).toBe('admin');
  });
});
