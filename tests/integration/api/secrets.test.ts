import { randomBytes, randomUUID } from 'node:crypto';
import { openSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLogger, secret, type Run, type TokenMade } from '@milvault/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from '../../support/api-stage.ts';
import { httpSink } from '../../support/http-sink.ts';
import { keptInRedis } from '../../support/kept-in-redis.ts';
import { createFilms } from '../../support/oracle/films.ts';
import { servers } from '../../support/servers.ts';
import { smtpSink } from '../../support/smtp-sink.ts';

const { python, lite, redis } = servers();
const films = createFilms(python);
const prefix = `secrets_${randomBytes(4).toString('hex')}_`;
const name = `${prefix}films`;
const planted = (what: string): string => `planted-${what}-${randomUUID()}`;

/** One of each kind; none is like another, so that what is found says where it came from. */
const SECRETS: Record<string, string> = {
  'token of the source': planted('source'),
  'token of a source that is away': planted('away'),
  'password of the mail server': planted('mail'),
  'password that the mail server refuses': planted('refused'),
  'address of Slack': planted('slack'),
  'address of a Slack that fails': planted('failing'),
  'address of the heartbeat': planted('heart'),
  'password of Redis': planted('redis'),
  'admin token': planted('admin'),
  'guessed token': planted('guess'),
};
const of = (what: string): string => SECRETS[what] ?? what;

/** All that the API answered. */
const said: string[] = [];
let folder: string;
let stage: Stage;
let slack: Awaited<ReturnType<typeof httpSink>>;
let mail: Awaited<ReturnType<typeof smtpSink>>;

beforeAll(async () => {
  await films.make(lite, name, 50);
  folder = await mkdtemp(path.join(tmpdir(), 'milvault-secrets-'));
  slack = await httpSink((response, { path: asked }) => {
    const fails = asked.includes(of('address of a Slack that fails')) || asked.includes(of('address of the heartbeat'));
    response.writeHead(fails ? 500 : 200).end(fails ? `no ${asked}` : 'ok');
  });
  mail = await smtpSink({
    // As servers do that repeat what they were told.
    onAuth: ({ username, password }, _session, done) =>
      username === 'good' ? done(null, { user: username }) : done(new Error(`no ${String(password)}`)),
  });
  stage = await openStage({
    sections: sections(),
    api: { adminToken: secret(of('admin token')) },
    redis: withPassword(redis, of('password of Redis')),
    logger: createLogger({ name: 'test', level: 'trace', fd: openSync(path.join(folder, 'log'), 'a') }),
  });
  await stage.worker();
});
afterAll(async () => {
  await stage.close();
  await slack.close();
  await mail.close();
  await films.drop(lite, prefix);
  await rm(folder, { recursive: true, force: true });
});

function sections(): object {
  const web = (what: string): string => `http://127.0.0.1:${String(slack.port)}/services/${of(what)}`;
  const box = { kind: 'email', from: 'a@example.org', to: ['b@example.org'], host: '127.0.0.1', port: mail.port };
  return {
    sources: [
      { name: 'lite', address: lite, token: `root:${of('token of the source')}` },
      { name: 'away', address: '127.0.0.1:1', token: `root:${of('token of a source that is away')}` },
    ],
    plans: [
      { name: 'nightly', source: 'lite', repository: 'main', collections: [name], full: '0 0 1 1 *' },
      { name: 'broken', source: 'away', repository: 'main', full: '0 0 1 1 *' },
    ],
    channels: [
      { kind: 'slack', name: 'chat', webhook: web('address of Slack') },
      { kind: 'slack', name: 'sick', webhook: web('address of a Slack that fails') },
      { ...box, name: 'mail', user: 'good', password: of('password of the mail server') },
      { ...box, name: 'shut', user: 'bad', password: of('password that the mail server refuses') },
    ],
    heartbeat: web('address of the heartbeat'),
  };
}

/** A Redis that wants no password takes any. */
function withPassword(url: string, password: string): string {
  const one = new URL(url);
  one.username = 'default';
  one.password = password;
  return one.href;
}

async function ask(method: string, url: string, payload?: object): Promise<string> {
  const headers = { host: 'localhost', authorization: `Bearer ${of('admin token')}` };
  const sent = payload === undefined ? {} : { payload };
  // Any method goes to `inject`, which names them one by one.
  const answer = await stage.app.inject({ method: method as 'GET', url, headers, ...sent });
  said.push(`${method} ${url} ${JSON.stringify(answer.headers)} ${answer.body}`);
  return answer.body;
}

async function runToEnd(url: string, payload: object = {}): Promise<Run> {
  const { id } = JSON.parse(await ask('POST', url, payload)) as Run;
  await ask('GET', `/api/v1/runs/${id}/events`);
  return JSON.parse(await ask('GET', `/api/v1/runs/${id}`)) as Run;
}

async function filesOf(place: string): Promise<string[]> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  // Latin 1 keeps each byte, also those of Parquet.
  return Promise.all(files.map(async (file) => `${file}\n${await readFile(file, 'latin1')}`));
}

/** How a secret may hide: as it is, in an address, in a mail server's dialogue. */
const formsOf = (one: string): string[] => [
  one,
  encodeURIComponent(one),
  ...[`\0good\0${one}`, `\0bad\0${one}`, `root:${one}`, one].map((text) => Buffer.from(text).toString('base64')),
];

test('a house that works, fails and alerts tells its secrets to nobody', async () => {
  const made = JSON.parse((await inject('POST', '/api/v1/tokens', { name: 'ci', role: 'operator' })).body) as TokenMade;
  const session = (await inject('POST', '/login', { token: made.secret })).cookies[0]?.value ?? '';
  expect(session).not.toBe('');

  await ask('POST', '/api/v1/repositories', { repository: 'main' });
  const good = await runToEnd('/api/v1/plans/nightly/run');
  expect(good).toMatchObject({ state: 'succeeded' });
  const backup = (good.result as { id: string }).id;
  expect(await runToEnd(`/api/v1/backups/${backup}/verify`, { level: 3 })).toMatchObject({ state: 'succeeded' });
  expect(await runToEnd('/api/v1/plans/broken/run')).toMatchObject({ state: 'failed' });
  for (const channel of ['chat', 'sick', 'mail', 'shut']) await ask('POST', `/api/v1/channels/${channel}/test`);
  await asStranger(made.secret);

  // All of it has happened: each way out was really taken.
  const reached = (what: string): boolean => slack.posts.some(({ path: asked }) => asked.endsWith(of(what)));
  for (const what of ['address of Slack', 'address of a Slack that fails', 'address of the heartbeat']) {
    await expect.poll(() => reached(what), { timeout: 30_000 }).toBe(true);
  }
  await expect.poll(() => mail.mails.some(({ text }) => text.includes('broken')), { timeout: 30_000 }).toBe(true);

  const params = { source: 'lite', repository: 'main', plan: 'nightly', backup, run: good.id, queueName: 'runs' };
  for (const url of addresses({ ...params, jobId: good.id })) await ask('GET', url);

  const kept: Record<string, string[]> = {
    log: (await readFile(path.join(folder, 'log'), 'utf8')).split('\n'),
    answers: said,
    redis: await keptInRedis(redis, stage.prefix),
    repository: await filesOf(path.join(stage.folder, 'main')),
  };
  const all = { ...SECRETS, 'created token': made.secret, session };
  for (const [where, texts] of Object.entries(kept)) {
    expect(texts.length, where).toBeGreaterThan(5);
    for (const [what, one] of Object.entries(all)) {
      const found = texts.filter((text) => formsOf(one).some((form) => text.includes(form)));
      expect([where, what, found]).toEqual([where, what, []]);
    }
  }
});

/** An answer that is meant for one person alone, and so is not looked through. */
const inject = (method: 'POST', url: string, payload: object) =>
  stage.app.inject({
    method,
    url,
    payload,
    headers: { host: 'localhost', authorization: `Bearer ${of('admin token')}` },
  });

/** What careless callers send in the wrong place reaches no log. */
async function asStranger(token: string): Promise<void> {
  const headers = { host: 'localhost', authorization: `Bearer ${of('guessed token')}` };
  await stage.app.inject({ url: '/api/v1/version', headers });
  await stage.app.inject({ url: `/api/v1/version?token=${of('admin token')}`, headers: { host: 'localhost' } });
  await stage.app.inject({ url: `/login?next=/${token}`, method: 'POST', headers, payload: { token: 'x' } });
  const known = { host: 'localhost', authorization: `Bearer ${token}` };
  await stage.app.inject({ method: 'DELETE', url: `/api/v1/tokens/${token}`, headers: known });
}

/** Every address that can be read, with real ids, but the stream that never ends. */
function addresses(params: Readonly<Record<string, string>>): string[] {
  const reads = [...stage.app.rules().keys()].filter((key) => key.startsWith('GET ') && key !== 'GET /api/v1/events');
  expect(reads.length).toBeGreaterThan(25);
  const filled = reads.map((key) => key.slice(4).replace(/:(\w+)/g, (_all, one: string) => params[one] ?? 'x'));
  return [...filled, '/queues/api/queues?activeQueue=runs&status=latest&page=1&jobsPerPage=50'];
}
