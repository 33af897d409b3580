import { createChannels, render } from '@milvault/alerts';
import { isMilvaultError, secret, systemClock } from '@milvault/shared';
import { expect, onTestFinished, test } from 'vitest';
import { httpSink } from '../../support/http-sink.ts';

const message = render({ key: 'k', incident: 'i', kind: 'opened', title: 'a < b', facts: [], next: '', at: 0 });
const NOW = Date.UTC(2024, 0, 1);

/** Sends one message to a server that gives this answer; gives what was posted and what was thrown. */
async function send(status: number, headers: Record<string, string> = {}, answer = '') {
  const sink = await httpSink((response) => response.writeHead(status, headers).end(answer));
  onTestFinished(sink.close);
  const webhook = secret(`http://127.0.0.1:${sink.port}/services/T0/B0/planted-token?x=1`);
  const clock = { ...systemClock, now: () => NOW };
  const [sender] = createChannels([{ kind: 'slack', name: 'chat', webhook }], { timeoutMs: 10_000, clock });
  const error: unknown = await sender?.send(message, new AbortController().signal).catch((thrown: unknown) => thrown);
  if (error !== undefined && !isMilvaultError(error)) throw error;
  return { posts: sink.posts, error };
}

test('a message is posted as Slack wants it', async () => {
  const { posts, error } = await send(200, {}, 'ok');
  expect(error).toBeUndefined();
  expect(posts).toHaveLength(1);
  expect(posts[0]?.path).toBe('/services/T0/B0/planted-token?x=1');
  expect(posts[0]?.headers['content-type']).toMatch(/^application\/json/);
  expect(JSON.parse(posts[0]?.body ?? '')).toEqual({
    text: `${message.subject}\n\n${message.text}`.replaceAll('<', '&lt;'),
  });
});

test('a redirect is not followed', async () => {
  const elsewhere = await httpSink((response) => response.end('ok'));
  onTestFinished(elsewhere.close);
  const { error } = await send(307, { location: `http://127.0.0.1:${elsewhere.port}/` });
  expect(error).toMatchObject({ code: 'CHANNEL_REJECTED', got: 'HTTP 307' });
  expect(elsewhere.posts).toEqual([]);
});

test.each([
  ['in seconds', '7', 7_000],
  ['as a date', new Date(NOW + 90_000).toUTCString(), 90_000],
  ['as a date that has passed', new Date(NOW - 1_000).toUTCString(), 0],
  ['longer than anybody waits', '999999999', 3_600_000],
])('a 429 that says when %s says it on', async (_how, value, retryAfterMs) => {
  const { error } = await send(429, { 'retry-after': value });
  expect(error).toMatchObject({ code: 'CHANNEL_FAILED', details: { retryAfterMs } });
});

test.each([{}, { 'retry-after': 'soon' }])('a 429 with %j says no time', async (headers) => {
  const { error } = await send(429, headers);
  expect(error?.code).toBe('CHANNEL_FAILED');
  expect(error?.details).toBeUndefined();
});

test.each([
  [400, 'CHANNEL_REJECTED'],
  [403, 'CHANNEL_REJECTED'],
  [404, 'CHANNEL_REJECTED'],
  [410, 'CHANNEL_REJECTED'],
  [408, 'CHANNEL_FAILED'],
  [500, 'CHANNEL_FAILED'],
  [503, 'CHANNEL_FAILED'],
])('an answer %i is %s', async (status, code) => {
  const { error } = await send(status, {}, 'because\r\nof planted-token');
  expect(error).toMatchObject({ code, got: `HTTP ${status} (because of [secret])` });
});

test('an answer without end is not read to its end', async () => {
  const { error } = await send(200, {}, 'x'.repeat(1024 * 1024));
  expect(error).toMatchObject({ code: 'CHANNEL_FAILED' });
});
