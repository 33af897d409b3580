import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { JOBS, type JobRegistry } from '@milvault/jobs';
import { secret, type Run } from '@milvault/shared';
import { openStage, type Stage } from '../../support/api-stage.ts';
import { createFilms } from '../../support/oracle/films.ts';
import { builtPage, openPage, type PageUnderTest } from '../../support/page.ts';
import { servers } from '../../support/servers.ts';

const TOKEN = 'a-token-for-this-test';
const { python, lite } = servers();
const films = createFilms(python);
const prefix = `live_${randomBytes(4).toString('hex')}_`;

/** The health check goes on until it is stopped, so that a run can be watched and cancelled. */
const jobs: JobRegistry = {
  ...JOBS,
  health: {
    ...JOBS.health,
    finish: async (_payload, _plan, _results, { clock, signal, onProgress, logger }) => {
      logger.info('looking for as long as it takes');
      onProgress({ phase: 'looking around' });
      await clock.sleep(600_000, signal);
      return {};
    },
  },
};

let stage: Stage;
let url: string;
let under: PageUnderTest;

beforeAll(async () => {
  await builtPage();
  await films.make(lite, `${prefix}films`, 50);
  const plan = {
    name: 'nightly',
    source: 'lite',
    repository: 'main',
    collections: [`${prefix}films`],
    full: '0 2 * * *',
  };
  stage = await openStage({ jobs, sections: { plans: [plan] }, api: { adminToken: secret(TOKEN) } });
  url = await stage.listen();
  await stage.worker();
  await ask('/api/v1/repositories', { repository: 'main' });
  under = await openPage(url);
});
afterAll(async () => {
  await under.close();
  await stage.close();
  await films.drop(lite, prefix);
});

const menu = () => under.page.getByRole('navigation');

async function ask<Answer>(path: string, body: object): Promise<Answer> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  return (
    await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  ).json() as Promise<Answer>;
}

test('a browser logs in with the token, and comes back to where it wanted to go', async () => {
  const { page } = under;
  await page.goto(`${url}/runs?kind=backup`);
  expect(page.url()).toContain('/login?next=%2Fruns%3Fkind%3Dbackup');
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(`${url}/runs?kind=backup`);
  await page.getByText('No run fits.').waitFor();
});

test('a plan that waits for its first backup is told as that, and is well once it has one, without a reload', async () => {
  const { page } = under;
  await menu().getByRole('link', { name: 'Overview' }).click();
  await page.getByText(/Something needs a look|One thing is wrong/).waitFor();
  await page.getByText(/Plan nightly has no good backup/).waitFor();
  await ask<Run>('/api/v1/plans/nightly/run', {});
  await page.getByText('All is well').waitFor();
  await page.getByText('1 backup kept by 1 plan').waitFor();
  await page.getByText('every day backed up').or(page.getByText('1 day backed up')).waitFor();
});

test('a run appears by itself, shows what it does, and ends as cancelled when it is told to', async () => {
  const { page } = under;
  await menu().getByRole('link', { name: 'Runs' }).click();
  await page
    .getByRole('row', { name: /Backup/ })
    .first()
    .waitFor();
  const run = await ask<Run>('/api/v1/runs/health', {});
  await page.getByRole('link', { name: 'Health check' }).click();
  expect(page.url()).toBe(`${url}/runs/${run.id}`);
  await page.getByText('looking around').waitFor();
  await page.getByText('looking for as long as it takes').waitFor();
  await page.getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByText('leaves nothing behind').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).click();
  await page.getByText('Cancelled', { exact: true }).first().waitFor();
  expect(await page.getByRole('button', { name: 'Cancel the run' }).count()).toBe(0);
});

test('the page says when it no longer follows, and is right again after a lost line', async () => {
  const { page } = under;
  await menu().getByRole('link', { name: 'Runs' }).click();
  await page.getByText('Live', { exact: true }).waitFor();
  await page.context().setOffline(true);
  await page.evaluate(`dispatchEvent(new Event('offline'))`);
  await page.context().setOffline(false);
  await page.getByText('Live', { exact: true }).waitFor();
  await ask<Run>('/api/v1/plans/nightly/run', {});
  await page.getByText(/^3 in the last/).waitFor();
});

test('whoever logs out is asked for the token again, and nothing complained', async () => {
  const { page, complaints } = under;
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL(`${url}/login`);
  await page.goto(`${url}/backups`);
  expect(page.url()).toContain('/login?next=%2Fbackups');
  expect(complaints.filter((one) => !one.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
});
