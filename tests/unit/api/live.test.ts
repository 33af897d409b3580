import { EventEmitter, once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import type { CatalogEvent } from '@milvault/catalog';
import { systemClock, type Clock } from '@milvault/shared';
import { buildApp } from '../../../apps/api/src/app.ts';
import type { ApiParts } from '../../../apps/api/src/parts.ts';
import { bench } from './parts.ts';

let app: Awaited<ReturnType<typeof buildApp>> | null = null;
afterEach(async () => {
  await app?.close();
  app = null;
});

/** Listens for real: an event stream has no end that `inject` could wait for. */
async function listen(parts: ApiParts): Promise<string> {
  app = await buildApp(parts);
  return app.listen({ host: '127.0.0.1', port: 0 });
}

async function readUntil(response: Response, wanted: RegExp): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (wanted.test(text)) return text;
  }
  throw new Error(`the stream ended without ${String(wanted)}: ${text}`);
}

/** The one who asked, and the metrics of the process itself. */
const WATCHERS = 2;

/** Events as a queue system gives them: kept ones after `last`, then what is emitted. */
function source() {
  const bus = new EventEmitter();
  const seen = { followers: 0, ended: 0, last: [] as (string | null)[] };
  async function* follow(last: string | null, signal: AbortSignal): AsyncGenerator<CatalogEvent> {
    seen.followers += 1;
    seen.last.push(last);
    try {
      if (last !== null) yield { id: '2-0', type: 'worker.up', data: { worker: 'missed' } };
      for await (const [event] of on(bus, signal)) yield event;
    } finally {
      seen.ended += 1;
    }
  }
  return { bus, seen, follow };
}
async function* on(bus: EventEmitter, signal: AbortSignal): AsyncGenerator<[CatalogEvent]> {
  while (!signal.aborted) {
    const [event] = (await once(bus, 'event', { signal }).catch(() => [null])) as [CatalogEvent | null];
    if (event !== null) yield [event];
  }
}

describe('live events', () => {
  test('go out as they come, with their id, under headers that nobody may keep', async () => {
    const { bus, follow } = source();
    const url = await listen(bench({ follow }).parts);
    const response = await fetch(`${url}/api/v1/events`);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const text = readUntil(response, /worker/);
    await expect.poll(() => bus.listenerCount('event')).toBe(WATCHERS);
    bus.emit('event', { id: '1-0', type: 'worker.up', data: { worker: 'two\nlines' } });
    expect(await text).toMatch(/^retry: 3000\n\n/);
    expect(await text).toContain('\n\nid: 1-0\nevent: worker.up\ndata: {"worker":"two\\nlines"}\n\n');
  });

  test('go on after the last one that was seen', async () => {
    const { seen, follow } = source();
    const url = await listen(bench({ follow }).parts);
    const response = await fetch(`${url}/api/v1/events`, { headers: { 'last-event-id': '1-0' } });
    expect(await readUntil(response, /missed/)).toContain('id: 2-0\nevent: worker.up\n');
    expect(seen.last).toContain('1-0');
    const strange = await fetch(`${url}/api/v1/events`, { headers: { 'last-event-id': '$' } });
    expect([strange.status, await strange.json()]).toMatchObject([400, { code: 'REQUEST_INVALID' }]);
  });

  test('are let go when the caller goes', async () => {
    const { seen, follow } = source();
    const url = await listen(bench({ follow }).parts);
    const leaving = new AbortController();
    const response = await fetch(`${url}/api/v1/events`, { signal: leaving.signal });
    await readUntil(response, /retry/).finally(() => leaving.abort());
    await expect.poll(() => seen.ended).toBe(1);
  });

  test('do not hold the end of the process', async () => {
    const { seen, follow } = source();
    const url = await listen(bench({ follow }).parts);
    const response = await fetch(`${url}/api/v1/events`);
    const text = response.text();
    await expect.poll(() => seen.followers).toBe(WATCHERS);
    await app?.close();
    expect(await text.catch(() => 'cut')).toMatch(/retry|cut/);
    expect(seen.ended).toBe(seen.followers);
  });

  test('tell the progress of what is under way, once for each change', async () => {
    const url = await listen(bench().parts);
    const text = await readUntil(await fetch(`${url}/api/v1/events`), /run\.progress/);
    expect(text).toMatch(/\n\nevent: run\.progress\ndata: \{"run":"run-1","progress":\{"phase":"plan".*\}\}\n\n$/);
    expect(text.split('run.progress')).toHaveLength(2);
  });

  test('keep a quiet line open', async () => {
    const clock: Clock = { ...systemClock, sleep: (_ms, signal) => systemClock.sleep(5, signal) };
    const url = await listen(bench({ clock }).parts);
    const text = await readUntil(await fetch(`${url}/api/v1/events`), /(: still here\n\n){2}/);
    expect(text.startsWith('retry: 3000\n\n')).toBe(true);
  });
});

describe('one run', () => {
  test('is shown until its end, and then the stream ends', async () => {
    const url = await listen(bench().parts);
    const response = await fetch(`${url}/api/v1/runs/run-1/events`);
    const text = await response.text();
    expect(text).toMatch(
      /event: progress\ndata: \{.*"rows":5,"rowsTotal":10.*\}\n\nevent: run\ndata: \{.*"succeeded".*\}\n\n$/,
    );
  });

  test('whose waiting fails ends with the error', async () => {
    const { parts } = bench();
    const service = { ...parts.service, wait: () => Promise.reject(new Error('the secret inside')) };
    const url = await listen({ ...parts, service });
    const text = await (await fetch(`${url}/api/v1/runs/run-1/events`)).text();
    expect(text).toContain('event: error\ndata: {"type":"urn:milvault:error:INTERNAL"');
    expect(text).not.toContain('secret');
  });
});
