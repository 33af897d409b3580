import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openStage, type Stage } from '../../support/api-stage.ts';
import { cuttable, type Cuttable } from '../../support/cuttable.ts';
import { servers } from '../../support/servers.ts';

/** Longer than the time-out of one command. */
const PATIENCE_MS = 8_000;

let way: Cuttable;
let stage: Stage;
let url: string;

beforeAll(async () => {
  const { hostname, port, pathname } = new URL(servers().redis);
  way = await cuttable(hostname, Number(port || 6379));
  stage = await openStage({ redis: `redis://${way.address}${pathname}` });
  url = await stage.listen();
});
afterAll(async () => {
  // Ends while Redis is away: that must not hold the process.
  way.cut();
  await until('/readyz', 503);
  await stage.close();
  await way.close();
});

const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });

const until = (path: string, status: number): Promise<void> =>
  vi.waitFor(
    async () => {
      const answer = await ask(path);
      await answer.text();
      expect(answer.status).toBe(status);
    },
    { timeout: 90_000, interval: 50 },
  );

const TOLD = [
  ['GET', '/api/v1/runs'],
  ['GET', '/api/v1/runs/x'],
  ['POST', '/api/v1/runs/health'],
  ['GET', '/api/v1/workers'],
  ['GET', '/api/v1/events'],
  ['GET', '/queues/api/queues'],
] as const;

test('while Redis is away each request is told so, the process lives, and all is well when it is back', async () => {
  await until('/api/v1/runs', 200);
  way.cut();

  for (const [method, path] of TOLD) {
    const answer = await ask(path, { method, headers: { 'last-event-id': '1-0' } });
    expect([path, answer.status, await answer.json()]).toMatchObject([
      path,
      503,
      { code: 'REDIS_UNREACHABLE', retryable: true },
    ]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  }
  await until('/healthz', 200);
  await until('/readyz', 503);
  const metrics = await (await ask('/metrics')).text();
  expect(metrics).toContain('milvault_scrape_ok{subject="queues"} 0');
  expect(metrics).not.toMatch(/^milvault_(workers|incidents_open|queue_jobs\{.*\}) /m);

  way.mend();
  await until('/readyz', 200);
  await until('/api/v1/runs', 200);
});

test('who watches while Redis goes away finds back', async () => {
  way.mend();
  await until('/readyz', 200);
  const leaving = new AbortController();
  await fetch(`${url}/api/v1/events`, { signal: leaving.signal });
  way.cut();
  await until('/readyz', 503);
  way.mend();
  await until('/readyz', 200);
  const again = await ask('/api/v1/events', { headers: { 'last-event-id': '1-0' } });
  expect(again.status).toBe(200);
  await again.body?.cancel();
  leaving.abort();
  await until('/healthz', 200);
});
