import { afterEach, expect, test } from 'vitest';
import { openStage, type Stage } from '../../support/api-stage.ts';

const QUEUES = ['ticks', 'runs', 'parts', 'checks', 'cleanup', 'alerts'];
const headers = { host: 'localhost' };
const SECRET = 'hidden-from-everybody';

let stage: Stage | null = null;
afterEach(async () => {
  await stage?.close();
  stage = null;
});

const paused = async (one: Stage): Promise<boolean> => {
  const answer = await one.app.inject({ url: '/queues/api/queues', headers });
  const { queues } = answer.json<{ queues: { name: string; isPaused: boolean }[] }>();
  return queues.find(({ name }) => name === 'runs')?.isPaused ?? false;
};
const pause = { method: 'PUT', url: '/queues/api/queues/runs/pause', headers } as const;

test('the board shows every queue and can change none', async () => {
  stage = await openStage();
  const answer = await stage.app.inject({ url: '/queues/api/queues', headers });
  expect(answer.json<{ queues: { name: string; readOnlyMode: boolean }[] }>().queues).toEqual(
    QUEUES.map((name) => expect.objectContaining({ name, readOnlyMode: true })),
  );
  expect((await stage.app.inject(pause)).statusCode).toBe(405);
  expect(await paused(stage)).toBe(false);
  const run = await stage.app.inject({ method: 'POST', url: '/api/v1/runs/health', headers });
  const { id } = run.json<{ id: string }>();
  const remove = { method: 'PUT', url: `/queues/api/queues/checks/${id}/clean`, headers } as const;
  expect((await stage.app.inject(remove)).statusCode).toBe(405);
  expect((await stage.app.inject({ url: `/api/v1/runs/${id}`, headers })).statusCode).toBe(200);
});

test('where the configuration says so it can, but not for a page of another site', async () => {
  stage = await openStage({ api: { boardWritable: true } });
  const foreign = { ...pause, headers: { ...headers, origin: 'https://evil.example' } };
  expect((await stage.app.inject(foreign)).statusCode).toBe(403);
  expect(await paused(stage)).toBe(false);
  expect((await stage.app.inject(pause)).statusCode).toBe(200);
  expect(await paused(stage)).toBe(true);
});

test('its page loads nothing from anywhere else', async () => {
  stage = await openStage();
  const page = await stage.app.inject({ url: '/queues', headers });
  expect(page.statusCode).toBe(200);
  expect(page.body).toContain('milvault queues');
  expect(page.body).not.toMatch(/(src|href)="https?:/);
});

test('no answer of the API or the board holds a configured secret', async () => {
  const sources = [{ name: 'lite', address: '127.0.0.1:19530', token: `root:${SECRET}` }];
  const channels = [
    { kind: 'slack', name: 'ops', webhook: `https://hooks.example.com/${SECRET}` },
    {
      kind: 'email',
      name: 'mail',
      from: 'a@example.com',
      to: ['b@example.com'],
      host: '127.0.0.1',
      user: 'u',
      password: SECRET,
    },
  ];
  stage = await openStage({ sections: { sources, channels } });
  await stage.app.inject({ method: 'POST', url: '/api/v1/repositories', headers, payload: { repository: 'main' } });
  const started = await stage.app.inject({ method: 'POST', url: '/api/v1/runs/backup', headers });
  const { id } = started.json<{ id: string }>();
  const paths = ['sources', 'repositories', 'plans', 'backups', 'runs', `runs/${id}`, 'workers', 'channels', 'version'];
  const urls = [
    ...paths.map((path) => `/api/v1/${path}`),
    '/docs/json',
    '/metrics',
    '/readyz',
    '/queues/api/queues?activeQueue=runs&status=latest&page=1&jobsPerPage=10',
    `/queues/api/queues/runs/${id}`,
  ];
  for (const url of urls) {
    const answer = await stage.app.inject({ url, headers });
    expect([url, answer.statusCode]).toEqual([url, 200]);
    expect(answer.body).not.toContain(SECRET);
  }
  const wrong = await stage.app.inject({ method: 'POST', url: '/api/v1/channels/ops/test', headers });
  expect(wrong.body).not.toContain(SECRET);
});
