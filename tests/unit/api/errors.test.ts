import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { ERRORS, fail, type ErrorCode, type Logger } from '@milvault/shared';
import { knownError, problemOf } from '../../../apps/api/src/plugins/errors.ts';
import { bench, LOCAL, TOKEN, withApp, withToken } from './parts.ts';
import { pino } from 'pino';

function recorder(): { logger: Logger; text: () => string } {
  let text = '';
  const stream = new Writable({ write: (chunk, _encoding, done) => ((text += String(chunk)), done()) });
  return { logger: pino({ level: 'debug' }, stream), text: () => text };
}

describe('problems', () => {
  test.each(Object.keys(ERRORS) as ErrorCode[])('%s has its status and says what to do next', (code) => {
    const problem = problemOf(fail(code, { expected: 'this', got: 'that', details: { id: 1 } }), 'request-1');
    expect(problem).toMatchObject({
      type: `urn:milvault:error:${code}`,
      title: ERRORS[code].title,
      status: ERRORS[code].status,
      code,
      retryable: ERRORS[code].retryable,
      instance: 'request-1',
    });
    expect(problem.next).not.toBe('');
  });

  test('what is unknown to us is hidden from the caller and logged with its cause', async () => {
    const { logger, text } = recorder();
    const { parts } = bench({ logger });
    const service = { ...parts.service, runs: () => Promise.reject(new Error('password=hunter2')) };
    await withApp({ ...parts, service }, async (app) => {
      const answer = await app.inject({ url: '/api/v1/runs', headers: LOCAL });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([500, 'INTERNAL']);
      expect(answer.body).not.toContain('hunter2');
      const { instance } = answer.json<{ instance: string }>();
      expect(text()).toContain(instance);
      expect(text()).toContain('hunter2');
    });
  });

  test('a Redis that is gone is 503, tells when to try again, and leaves the process alive', async () => {
    const { parts } = bench({ ping: () => Promise.reject(fail('REDIS_UNREACHABLE')) });
    const service = { ...parts.service, runs: () => Promise.reject(fail('REDIS_UNREACHABLE')) };
    await withApp({ ...parts, service }, async (app) => {
      const answer = await app.inject({ url: '/api/v1/runs', headers: LOCAL });
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([503, 'application/problem+json']);
      expect(answer.json()).toMatchObject({ code: 'REDIS_UNREACHABLE', retryable: true });
      const ready = await app.inject({ url: '/readyz', headers: LOCAL });
      expect([ready.statusCode, ready.json()]).toEqual([
        503,
        { status: 'unavailable', checks: { redis: 'REDIS_UNREACHABLE', queues: 'ok' } },
      ]);
      expect((await app.inject({ url: '/healthz', headers: LOCAL })).json()).toEqual({ status: 'ok' });
    });
  });

  test('an error of anybody else is INTERNAL', () => {
    for (const thrown of [new Error('x'), 'text', null, undefined, 42, { statusCode: 500 }]) {
      expect(knownError(thrown).code).toBe('INTERNAL');
    }
  });
});

test('no token, cookie, query or body reaches the log', async () => {
  const { logger, text } = recorder();
  await withApp(bench({ logger, config: withToken() }).parts, async (app) => {
    const login = await app.inject({
      method: 'POST',
      url: '/login',
      headers: { ...LOCAL, 'content-type': 'application/x-www-form-urlencoded' },
      payload: `token=${TOKEN}`,
    });
    const session = login.cookies[0]?.value ?? '';
    await app.inject({ url: '/api/v1/runs?plan=hush', headers: { ...LOCAL, authorization: `Bearer ${TOKEN}` } });
    await app.inject({ url: '/api/v1/nothing?key=hush', headers: LOCAL, cookies: { milvault_session: session } });
    await app.inject({ url: '/login?next=/hush', headers: { ...LOCAL, authorization: `Bearer wrong-${TOKEN}` } });
    expect(text()).toContain('/api/v1/runs');
    expect(text()).not.toContain(TOKEN);
    expect(text()).not.toContain(session);
    expect(text()).not.toContain('hush');
  });
});
