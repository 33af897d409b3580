import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { secret, Stopped, systemClock, toErrorRecord, type Clock, type Progress } from '@milvault/shared';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createHttpBackend } from '../../../apps/cli/src/http/backend.ts';
import { apiPath } from '../../../apps/cli/src/http/call.ts';
import { backup, run, unread } from './samples.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Something that answers in ways in which our API does not, or not at will: a proxy, a stranger, an API that restarts. */
async function stranger(handler: Handler, { signal, clock }: { signal?: AbortSignal; clock?: Clock } = {}) {
  const server = createServer(handler);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const api = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const address = { api, token: secret('t0ken'), signal: signal ?? new AbortController().signal };
  return { api, backend: createHttpBackend(address, clock ?? systemClock) };
}

const json =
  (status: number, body: object, kind = 'application/json'): Handler =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': kind }).end(JSON.stringify(body));
  };

const problem = (code: string, status: number) => ({
  type: `urn:milvault:error:${code}`,
  title: code,
  status,
  code,
  detail: 'No: expected a, got b',
  expected: 'a',
  got: 'b',
  next: 'Do it',
  retryable: false,
  details: { run: 'x' },
  instance: 'req-1',
});

test('an error of the API is the same error here', async () => {
  const { backend } = await stranger(json(409, problem('CONFLICT', 409), 'application/problem+json; charset=utf-8'));
  const thrown: unknown = await backend.run('x').catch((error: unknown) => error);
  expect(toErrorRecord(thrown)).toEqual({
    code: 'CONFLICT',
    message: 'No: expected a, got b',
    expected: 'a',
    got: 'b',
    next: 'Do it',
    retryable: false,
    details: { run: 'x' },
  });
});

test('a missing token is told with what to set', async () => {
  const { backend } = await stranger(json(401, problem('UNAUTHENTICATED', 401)));
  await expect(backend.run('x')).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
    next: expect.stringContaining('MILVAULT_TOKEN'),
  });
});

test.each<[string, Handler]>([
  ['a page', (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
  ['a proxy', (_request, response) => void response.writeHead(502, { 'content-type': 'text/html' }).end('Bad Gateway')],
  [
    'JSON that is none',
    (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{'),
  ],
  ['errors of another kind', json(500, { error: 'x' })],
  [
    'a way to elsewhere',
    (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  ],
  ['a broken line', (request) => void request.socket.destroy()],
])('%s is not the API', async (_what, handler) => {
  const { api, backend } = await stranger(handler);
  const thrown = toErrorRecord(await backend.run('x').catch((error: unknown) => error));
  expect(thrown.code).toBe('API_UNREACHABLE');
  expect(thrown.message).toContain(api);
});

test('nothing listens', async () => {
  const address = { api: 'http://127.0.0.1:1', token: null, signal: new AbortController().signal };
  const thrown = toErrorRecord(
    await createHttpBackend(address, systemClock)
      .run('x')
      .catch((error: unknown) => error),
  );
  expect(thrown).toMatchObject({ code: 'API_UNREACHABLE', retryable: true });
});

test('the token goes as a bearer, never into the address, and bodies are JSON', async () => {
  let seen: IncomingMessage | null = null;
  let body = '';
  const { backend } = await stranger((request, response) => {
    seen = request;
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => json(202, run)(request, response));
  });
  await backend.start('backup', { source: 'a' });
  expect(seen).toMatchObject({
    method: 'POST',
    url: '/api/v1/runs/backup',
    headers: { authorization: 'Bearer t0ken', 'content-type': 'application/json' },
  });
  expect(body).toBe('{"source":"a"}');
});

test('a path never leaves its place, whatever the name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      fc.pre(!['', '.', '..'].includes(name));
      const url = new URL(`http://a${apiPath('backups', name)}`);
      expect(url.pathname.split('/')).toHaveLength(5);
      expect(decodeURIComponent(url.pathname.split('/')[4] ?? '')).toBe(name);
    }),
  );
  for (const name of ['', '.', '..']) expect(() => apiPath('backups', name)).toThrow(/an id or a name/);
});

test('all pages of a long list are read', async () => {
  const all = Array.from({ length: 1203 }, (_, at) => ({ ...backup, name: String(at) }));
  const { backend } = await stranger((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://a');
    const [offset, limit] = [Number(searchParams.get('offset')), Number(searchParams.get('limit'))];
    const page = { backups: all.slice(offset, offset + limit), total: all.length, unread };
    json(200, page)(request, response);
  });
  expect(await backend.backups({})).toEqual(all);
  expect(await backend.survey({})).toEqual({ backups: all, unread });
});

/** Sleeps in no time, and counts it. */
const quick = (): Clock => {
  let now = 0;
  return { now: () => now, monotonic: () => now, sleep: async (ms) => void (now += ms) };
};

test('a run is waited for through a restart of the API, and its progress told', async () => {
  const answers: Handler[] = [
    json(200, { ...run, endedAt: null, progress: { ...run.progress, rows: 1 } }),
    (request) => void request.socket.destroy(),
    (_request, response) => void response.writeHead(502).end(),
    json(200, run),
  ];
  const { backend } = await stranger((request, response) => answers.shift()?.(request, response), { clock: quick() });
  const told: Progress[] = [];
  expect(await backend.wait('x', new AbortController().signal, (progress) => told.push(progress))).toEqual(run);
  expect(told.map(({ rows }) => rows)).toEqual([1]);
});

test('an API that stays away is told after a minute, an error that will not go away at once', async () => {
  const clock = quick();
  const { backend } = await stranger((request) => void request.socket.destroy(), { clock });
  await expect(backend.wait('x', new AbortController().signal)).rejects.toMatchObject({ code: 'API_UNREACHABLE' });
  expect(clock.now()).toBeGreaterThan(60_000);
  const gone = await stranger(json(404, problem('RUN_NOT_FOUND', 404)), { clock: quick() });
  await expect(gone.backend.wait('x', new AbortController().signal)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
});

test('a stop ends a call with its own reason', async () => {
  const stop = new AbortController();
  const { backend } = await stranger(() => stop.abort(new Stopped('cancelled')), { signal: stop.signal });
  await expect(backend.run('x')).rejects.toBeInstanceOf(Stopped);
});

test('what is called after the stop, such as a cancel, is still sent', async () => {
  const stop = new AbortController();
  stop.abort(new Stopped('cancelled'));
  const { backend } = await stranger(json(202, run), { signal: stop.signal });
  expect(await backend.cancel('x')).toEqual(run);
});

test('only one source configured is the one that is meant', async () => {
  const asked: string[] = [];
  const of = (names: string[]): Promise<{ backend: ReturnType<typeof createHttpBackend> }> =>
    stranger((request, response) => {
      asked.push(request.url ?? '');
      json(200, { sources: names.map((name) => ({ name })), total: names.length })(request, response);
    });
  await (await of(['a b'])).backend.inspect(undefined, ['x', 'y']);
  expect(asked).toEqual(['/api/v1/sources', '/api/v1/sources/a%20b/inspect?collections=x%2Cy']);
  for (const [names, code, told] of [
    [[], 'SOURCE_NOT_FOUND', 'an address'],
    [['a', 'b'], 'REQUEST_INVALID', 'a or b'],
  ] as const) {
    const { backend } = await of([...names]);
    await expect(backend.inspect(undefined, [])).rejects.toMatchObject({
      code,
      expected: expect.stringContaining(told),
    });
  }
});
