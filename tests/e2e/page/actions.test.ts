import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backup, Run } from '@milvault/shared';
import { openStage, type Stage } from '../../support/api-stage.ts';
import { until } from '../../support/jobs/redis-house.ts';
import { createFilms } from '../../support/oracle/films.ts';
import { builtPage, openPage, type PageUnderTest } from '../../support/page.ts';
import { servers } from '../../support/servers.ts';

const { python, lite } = servers();
const films = createFilms(python);
const prefix = `acts_${randomBytes(4).toString('hex')}_`;
const name = `${prefix}films`;

let stage: Stage;
let url: string;
let under: PageUnderTest;

beforeAll(async () => {
  await builtPage();
  await films.make(lite, name, 200);
  stage = await openStage({
    sections: { plans: [{ name: 'nightly', source: 'lite', repository: 'main', collections: [name], full: '02:00' }] },
  });
  url = await stage.listen();
  await stage.worker();
  await send('POST', '/api/v1/repositories', { repository: 'main' });
  under = await openPage(url);
});
afterAll(async () => {
  await under.close();
  await stage.close();
  await films.drop(lite, prefix);
});

async function send<Answer>(method: string, path: string, body: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) })).json() as Promise<Answer>;
}
const read = async <Answer>(path: string): Promise<Answer> => (await fetch(`${url}${path}`)).json() as Promise<Answer>;
const backups = async (): Promise<Backup[]> => (await read<{ backups: Backup[] }>('/api/v1/backups')).backups;
const press = (label: string) => under.page.getByRole('button', { name: label, exact: true }).first().click();
/** The button within the question that asks whether to do it. */
const confirm = (label: string) =>
  under.page.getByRole('dialog').getByRole('button', { name: label, exact: true }).click();
const said = (words: string | RegExp) => under.page.locator('.mantine-Notification-root').getByText(words).first();

describe('what can be done on the page', () => {
  test('a plan runs now, and a toast follows its run to the end on whatever page one goes on to', async () => {
    const { page } = under;
    await under.open('/');
    await press('Run now');
    await page.getByText('Full: everything is read and stored').waitFor();
    await under.shoot('run-plan-dialog');
    await confirm('Run now');
    await page.getByRole('navigation').getByRole('link', { name: 'Backups' }).click();
    await said('Succeeded').waitFor();
    await under.shoot('toast-succeeded');
    expect(await under.violations()).toEqual([]);
    await page.getByRole('link', { name: /^full_/ }).waitFor();
  });

  test('a backup by hand is taken of what was chosen, and appears by itself', async () => {
    await press('Take a backup');
    await under.page.getByRole('combobox', { name: 'Collections' }).fill(name);
    await under.page.keyboard.press('Enter');
    await under.shoot('take-dialog');
    expect(await under.violations()).toEqual([]);
    await confirm('Take it now');
    await until(backups, (all) => all.length === 2 && all.every(({ proofs }) => proofs.length > 0), 60_000);
    await under.page.getByText('2 that can be restored').waitFor();
    const byHand = (await backups()).find(({ plan }) => plan === null);
    expect(byHand?.collections.map(({ collection }) => collection)).toEqual([name]);
  });

  test('a backup is checked as deep as was chosen, and restored on trial, and its page shows both', async () => {
    const [backup] = await backups();
    await under.open(`/backups/${backup?.id ?? ''}`);
    await press('Check');
    await under.page.getByText('Every row is decoded and counted').click();
    await under.shoot('check-dialog');
    await confirm('Check');
    await under.page.getByText('Every row was decoded and counted').waitFor();
    await press('Try a restore');
    await under.page.getByText('every row is compared').waitFor();
    await confirm('Try a restore');
    await under.page.getByText('Restored on trial, compared row by row').waitFor();
  });

  test('one on hold says so, is refused to be deleted with the reason, and is deleted once it is released', async () => {
    const { page } = under;
    await send<Run>('POST', '/api/v1/plans/nightly/run', {});
    const nightly = await until(
      async () => (await backups()).filter(({ plan, proofs }) => plan === 'nightly' && proofs.length > 0),
      (all) => all.length === 2,
      60_000,
    );
    const older = nightly[1];
    await under.open(`/backups/${older?.id ?? ''}`);
    await press('Hold');
    await page.getByLabel('Why').fill('for the <b>audit</b>');
    await confirm('Hold');
    await page.getByText('on hold', { exact: true }).waitFor();
    await press('Delete');
    await confirm('Delete');
    await page.getByRole('dialog').getByRole('alert').getByText('for the <b>audit</b>').waitFor();
    await under.shoot('delete-refused');
    expect(await under.violations()).toEqual([]);
    await confirm('Keep it');
    await press('Release');
    await page.getByRole('dialog').getByText('for the <b>audit</b>').waitFor();
    await confirm('Release');
    await page.getByText('on hold', { exact: true }).waitFor({ state: 'detached' });
    await press('Delete');
    const gone = `/api/v1/backups/${older?.id ?? ''}`;
    const asked: string[] = [];
    // The answer comes long after the live event that tells of the deletion.
    await page.route(`**${gone}?*`, async (route) => {
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      const response = await route.fetch();
      await page.waitForTimeout(1_500);
      await route.fulfill({ response });
    });
    await confirm('Delete');
    await said(`${older?.name ?? ''} is deleted`).waitFor();
    expect(page.url()).toBe(`${url}/backups`);
    await page.getByText('2 that can be restored').waitFor();
    expect(asked).toContain('/api/v1/backups');
    expect(asked.filter((path) => path.startsWith(gone))).toEqual([]);
    expect((await backups()).map(({ id }) => id)).not.toContain(older?.id);
  });

  test('the last good backup of a plan is refused to be deleted, with what to do instead', async () => {
    const only = (await backups()).find(({ plan }) => plan === 'nightly');
    await under.open(`/backups/${only?.id ?? ''}`);
    await press('Delete');
    await confirm('Delete');
    await under.page.getByRole('alert').getByText('is the last good backup').waitFor();
    await under.page.getByRole('alert').getByText('Take a new backup first').waitFor();
    expect((await backups()).map(({ id }) => id)).toContain(only?.id);
  });

  test('a run that failed is run again, as it was asked for', async () => {
    const failed = await until(
      async () =>
        read<Run>(`/api/v1/runs/${(await send<Run>('POST', '/api/v1/runs/backup', { collections: ['none'] })).id}`),
      () => true,
      5_000,
    );
    await under.open(`/runs/${failed.id}`);
    await under.page.getByText('Failed', { exact: true }).first().waitFor();
    await press('Run it again');
    await confirm('Run it again');
    await under.page.waitForURL(
      (address) => address.pathname.startsWith('/runs/') && !address.pathname.endsWith(failed.id),
    );
    await under.page.getByText('COLLECTION_NOT_FOUND').first().waitFor();
    const again = await read<Run>(`/api/v1/runs/${under.page.url().split('/').at(-1) ?? ''}`);
    expect(again.request).toEqual(failed.request);
  });

  test('another browser sees what became of a backup without a reload', async () => {
    const [backup] = await backups();
    await under.open('/backups');
    await under.page.getByText('Live', { exact: true }).waitFor();
    await under.open(`/backups/${backup?.id ?? ''}`);
    await under.page.getByText('Live', { exact: true }).waitFor();
    await send('PUT', `/api/v1/backups/${backup?.id ?? ''}/hold`, {});
    await under.page.getByText('on hold', { exact: true }).waitFor();
    await fetch(`${url}/api/v1/backups/${backup?.id ?? ''}/hold`, { method: 'DELETE' });
    await under.page.getByText('on hold', { exact: true }).waitFor({ state: 'detached' });
  });
});

test('whoever may only look is offered nothing that changes anything', async () => {
  const { page } = under;
  const [backup] = await backups();
  const [run] = (await read<{ runs: Run[] }>('/api/v1/runs?state=failed')).runs;
  await page.route('**/api/v1/session', (route) => route.fulfill({ json: { login: true, role: 'viewer' } }));
  for (const path of ['/', '/backups', `/backups/${backup?.id ?? ''}`, '/runs', `/runs/${run?.id ?? ''}`]) {
    await under.open(path);
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    const labels = await page.getByRole('main').getByRole('button').allInnerTexts();
    expect([
      path,
      labels.filter((label) => !/^(Show|Hide|)$/.test(label) && !/Size|Rows|Taken|Total|Took|Name/.test(label)),
    ]).toEqual([path, []]);
  }
  await page.unroute('**/api/v1/session');
});

test('nothing complained, but of what was refused', () => {
  expect(under.complaints.filter((one) => !one.includes('409'))).toEqual([]);
});
