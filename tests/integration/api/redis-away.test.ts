import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from '../../support/api-stage.ts';
import { cuttable, type Cuttable } from '../../support/cuttable.ts';
import { servers } from '../../support/servers.ts';

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
  await expect.poll(() => status('/readyz')).toBe(503);
  await stage.close();
  await way.close();
});

const status = async (path: string, init: RequestInit = {}): Promise<number> => {
  const answer = await fetch(`${url}${path}`, init);
  await answer.text();
  return answer.status;
};

test('while Redis is away requests are told so at once, the process lives, and all is well when it is back', async () => {
  expect(await status('/readyz')).toBe(200);
  expect(await status('/api/v1/runs')).toBe(200);
  const lastId = '1-0';
  way.cut();

  for (const [method, path] of [
    ['GET', '/api/v1/runs'],
    ['GET', '/api/v1/runs/x'],
    ['POST', '/api/v1/runs/health'],
    ['GET', '/api/v1/workers'],
    ['GET', '/api/v1/events'],
  ] as const) {
    const answer = await fetch(`${url}${path}`, { method, headers: { 'last-event-id': lastId } });
    expect([path, answer.status, await answer.json()]).toMatchObject([
      path,
      503,
      { code: 'REDIS_UNREACHABLE', retryable: true },
    ]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  }
  expect(await status('/healthz')).toBe(200);
  expect(await status('/readyz')).toBe(503);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('milvault_scrape_ok{subject="queues"} 0');
  expect(metrics).not.toMatch(/^milvault_workers /m);

  way.mend();
  await expect.poll(() => status('/readyz'), { timeout: 15_000 }).toBe(200);
  await expect.poll(() => status('/api/v1/runs'), { timeout: 15_000 }).toBe(200);
});

test('who watches is cut off and finds back', async () => {
  await expect.poll(() => status('/readyz'), { timeout: 15_000 }).toBe(200);
  const watching = await fetch(`${url}/api/v1/events`);
  const text = watching.text().catch(() => 'broken off');
  way.cut();
  await expect.poll(() => status('/readyz')).toBe(503);
  way.mend();
  await expect.poll(() => status('/readyz'), { timeout: 15_000 }).toBe(200);
  const again = await fetch(`${url}/api/v1/events`, { headers: { 'last-event-id': '1-0' } });
  expect(again.status).toBe(200);
  await again.body?.cancel();
  expect(await status('/healthz')).toBe(200);
  await Promise.race([text, new Promise((resolve) => setTimeout(resolve, 100))]);
});
