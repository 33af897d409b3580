import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JOBS, type JobRegistry, type RunningWorker } from '@milvault/jobs';
import { secret, type Run } from '@milvault/shared';
import { openStage, type Stage } from '../support/api-stage.ts';
import { openBrowser, type Browser } from '../support/browser.ts';
import { until } from '../support/jobs/redis-house.ts';
import { createFilms } from '../support/oracle/films.ts';
import { servers } from '../support/servers.ts';

const TOKEN = 'a-token-for-this-test';
const SHOTS = process.env['MILVAULT_TEST_SHOTS'];
const { python, lite } = servers();
const films = createFilms(python);
const prefix = `board_${randomBytes(4).toString('hex')}_`;

/** The health check goes on until it is stopped, so that a run can be seen running. */
const jobs: JobRegistry = {
  ...JOBS,
  health: {
    ...JOBS.health,
    finish: async (_payload, _plan, _results, { clock, signal }) => {
      await clock.sleep(600_000, signal);
      return {};
    },
  },
};

let stage: Stage;
let url: string;
let worker: RunningWorker;
let browser: Browser;
const runs = { finished: '', failed: '', running: '' };

beforeAll(async () => {
  await films.make(lite, `${prefix}films`, 50);
  stage = await openStage({ jobs, api: { adminToken: secret(TOKEN) } });
  url = await stage.listen();
  worker = await stage.worker();
  await ask('POST', '/api/v1/repositories', { repository: 'main' });
  runs.finished = (await ask<Run>('POST', '/api/v1/runs/backup', { collections: [`${prefix}films`], verify: null })).id;
  runs.failed = (await ask<Run>('POST', '/api/v1/runs/backup', { collections: [`${prefix}none`] })).id;
  runs.running = (await ask<Run>('POST', '/api/v1/runs/health', {})).id;
  await reached(runs.finished, 'succeeded');
  await reached(runs.failed, 'failed');
  await reached(runs.running, 'running');
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await ask('POST', `/api/v1/runs/${runs.running}/cancel`);
  await reached(runs.running, 'cancelled');
  await stage.close();
  await films.drop(lite, prefix);
});

async function ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const given = body === undefined ? { authorization: headers.authorization } : headers;
  return (await fetch(`${url}${path}`, { method, headers: given, ...sent })).json() as Promise<Answer>;
}
const reached = (id: string, state: Run['state']): Promise<Run> =>
  until(
    () => ask<Run>('GET', `/api/v1/runs/${id}`),
    (run) => run.state === state,
    60_000,
  );
const metrics = async (): Promise<string> =>
  (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text();
const shoot = async (name: string): Promise<void> => {
  if (SHOTS !== undefined) await browser.page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
};

test('a browser is asked for the token once, and then shows all queues', async () => {
  const { page } = browser;
  await page.goto(`${url}/queues`);
  expect(page.url()).toContain('/login?next=%2Fqueues');
  await shoot('login');
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(`${url}/queues`);
  for (const queue of ['ticks', 'runs', 'parts', 'checks', 'cleanup', 'alerts']) {
    await page.getByRole('link', { name: queue, exact: false }).first().waitFor();
  }
  await shoot('queues');
});

test('a finished, a failed and a running run are there, each with its id', async () => {
  const { page } = browser;
  await page.goto(`${url}/queues/queue/runs?status=completed`);
  await page.getByText(runs.finished).first().waitFor();
  await shoot('completed');
  await page.goto(`${url}/queues/queue/runs?status=failed`);
  await page.getByText(runs.failed).first().waitFor();
  // Its reason; the board colours it word by word.
  await until(
    () => page.locator('body').innerText(),
    (text) => text.includes('does not exist in Milvus'),
  );
  await shoot('failed');
  await page.goto(`${url}/queues/queue/checks?status=active`);
  await page.getByText(runs.running).first().waitFor();
  await shoot('active');
});

test('a worker that stops or starts is seen there and in the metrics', async () => {
  const { page } = browser;
  expect(await metrics()).toMatch(/^milvault_workers 1$/m);
  await page.goto(`${url}/queues`);
  await page.getByRole('link', { name: 'parts' }).first().waitFor();
  const idle = page.getByText('No workers');
  await page.waitForLoadState('networkidle');
  expect(await idle.count()).toBe(0);
  await shoot('worker-up');
  await worker.close();
  await until(metrics, (text) => /^milvault_workers 0$/m.test(text));
  await page.reload();
  await idle.first().waitFor();
  await shoot('worker-down');
  worker = await stage.worker();
  await until(metrics, (text) => /^milvault_workers 1$/m.test(text));
  await until(
    async () => {
      await page.reload();
      await page.waitForLoadState('networkidle');
      return idle.count();
    },
    (count) => count === 0,
  );
});

test('the API pages come up, and no page complained about anything', async () => {
  const { page, complaints } = browser;
  await page.goto(`${url}/docs`);
  await page.getByText('/api/v1/runs/backup').first().waitFor();
  await shoot('docs');
  expect(complaints).toEqual([]);
});
