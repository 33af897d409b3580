import { randomBytes } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Backup, Run } from '@milvault/shared';
import { openStage, type Stage } from '../../support/api-stage.ts';
import { filesBelow } from '../../support/folder.ts';
import { until } from '../../support/jobs/redis-house.ts';
import { createFilms } from '../../support/oracle/films.ts';
import { builtPage, openPage, SIZES, type PageUnderTest, type Size } from '../../support/page.ts';
import { servers } from '../../support/servers.ts';

const { python, lite, milvus } = servers();
const films = createFilms(python);
const prefix = `wizard_${randomBytes(4).toString('hex')}_`;
const [movies, shows] = [`${prefix}movies`, `${prefix}shows`];

let stage: Stage;
let url: string;
let under: PageUnderTest;
let backup: Backup;

beforeAll(async () => {
  await builtPage();
  await films.make(lite, movies, 300);
  await films.make(lite, shows, 120);
  await films.make(lite, `${movies}_restored`, 7);
  const sources = [
    { name: 'lite', address: lite },
    { name: 'other', address: milvus },
  ];
  stage = await openStage({ sections: { sources } });
  url = await stage.listen();
  await stage.worker();
  await post('/api/v1/repositories', { repository: 'main' });
  const run = await post<Run>('/api/v1/runs/backup', { source: 'lite', collections: [movies, shows] });
  // The result of a backup run is its backup.
  backup = (await ended(run.id)).result as unknown as Backup;
  under = await openPage(url);
});
afterAll(async () => {
  await under.close();
  await stage.close();
  await films.drop(lite, prefix);
  await films.drop(milvus, prefix);
});

async function post<Answer>(path: string, body: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return (
    await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  ).json() as Promise<Answer>;
}
const ended = (id: string): Promise<Run> =>
  until(
    async () => (await (await fetch(`${url}/api/v1/runs/${id}`)).json()) as Run,
    (run) => run.endedAt !== null,
    60_000,
  );
const button = (name: string) => under.page.getByRole('button', { name, exact: true });

test('a name that is taken stands in the way, in red, with what is there; a new one leads to a proved restore', async () => {
  const { page } = under;
  await under.open(`/backups/${backup.id}`);
  await page.getByRole('link', { name: 'Restore' }).click();
  await page.getByText('All 2 collections').waitFor();
  await under.shoot('restore-what');
  await button('Next').click();
  await under.shoot('restore-names');
  await button('Next').click();
  const taken = page.getByRole('row').filter({ hasText: `${movies}_restored` });
  await taken.getByText('the name is taken').waitFor();
  await taken.getByText('7 rows').waitFor();
  await page.getByText('A name is taken. Go back').waitFor();
  expect(await button('Start the restore').isDisabled()).toBe(true);
  await under.shoot('restore-conflict');
  expect(await under.violations()).toEqual([]);

  await button('Back').click();
  await page.getByLabel(`New name of ${movies}`).fill(`${movies}_again`);
  await button('Next').click();
  await page.getByText('Ready: 420 rows in 2 collections').waitFor();
  await under.shoot('restore-ready');
  await button('Start the restore').click();
  await page.waitForURL(/\/runs\//);
  await page.getByText('equal, row by row').nth(1).waitFor();
  await under.shoot('restore-result');
  expect(await films.equal(lite, movies, lite, `${movies}_again`)).toMatchObject({ equal: true, rows: [300, 300] });
  expect(await films.equal(lite, shows, lite, `${shows}_restored`)).toMatchObject({ equal: true });
  expect((await films.starting(lite, `${movies}_restored`)).length).toBe(1);
});

test('one collection comes back on another Milvus, with the keyboard alone', async () => {
  const { page } = under;
  const { keyboard } = page;
  await under.open(`/backups/${backup.id}/restore`);
  const focus = async (role: 'checkbox' | 'button' | 'combobox' | 'textbox', name: string): Promise<void> => {
    const wanted = page.getByRole(role, { name });
    await wanted.waitFor();
    for (let pressed = 0; pressed < 80; pressed += 1) {
      if ((await wanted.and(page.locator(':focus')).count()) === 1) return;
      await keyboard.press('Tab');
    }
    throw new Error(`expected the keyboard to reach ${name} within 80 presses of Tab`);
  };
  await focus('checkbox', shows);
  await keyboard.press('Space');
  await focus('button', 'Next');
  await keyboard.press('Enter');
  await focus('combobox', 'Into');
  await keyboard.press('ArrowDown');
  const other = page.getByRole('option', { name: milvus });
  await other.waitFor();
  for (let pressed = 0; pressed < 3 && (await other.getAttribute('data-combobox-selected')) === null; pressed += 1) {
    await keyboard.press('ArrowDown');
  }
  await keyboard.press('Enter');
  await other.waitFor({ state: 'hidden' });
  await focus('button', 'Next');
  await keyboard.press('Enter');
  await page.getByText('Ready: 300 rows in one collection').waitFor();
  await focus('button', 'Start the restore');
  await keyboard.press('Enter');
  await page.waitForURL(/\/runs\//);
  await page.getByText('equal, row by row').waitFor();
  expect(await films.equal(lite, movies, milvus, `${movies}_restored`)).toMatchObject({ equal: true });
});

test('a name that is not allowed is told where it is asked for, and nothing starts', async () => {
  const { page } = under;
  await under.open(`/backups/${backup.id}/restore`);
  await button('Next').click();
  await page.getByLabel(`New name of ${movies}`).fill('../<b>x</b>');
  await button('Next').click();
  await page.getByRole('alert').getByText('NAME_INVALID').waitFor();
  expect(await button('Start the restore').isDisabled()).toBe(true);
});

test.each(Object.keys(SIZES) as Size[])(
  'fits a %s at each step, without a fault of access in either theme',
  async (size) => {
    const faults: string[] = [];
    for (const scheme of ['light', 'dark'] as const) {
      await under.open(`/backups/${backup.id}/restore`, { size, scheme });
      for (const step of ['what', 'names', 'check']) {
        if (step === 'check') await under.page.getByText('On the target').waitFor();
        await under.shoot(`restore-${step}-${size}-${scheme}`);
        const found = [...(await under.violations()), await under.overflow()].filter((one) => one !== null);
        faults.push(...found.map((fault) => `${step} ${scheme}: ${fault}`));
        if (step !== 'check') await button('Next').click();
      }
    }
    expect(faults).toEqual([]);
  },
);

test('nothing complained, but of what was refused', () => {
  expect(under.complaints.filter((one) => !one.includes('400'))).toEqual([]);
});

test('what a restore of a damaged backup lost is named beside what came back', async () => {
  const { page } = under;
  const run = await post<Run>('/api/v1/runs/backup', { source: 'lite', collections: [movies, shows] });
  // The result of a backup run is its backup.
  const { id } = (await ended(run.id)).result as unknown as Backup;
  const files = (await filesBelow(path.join(stage.folder, 'main', 'data'))).filter((file) => file.includes(id));
  const chunk = files.filter((file) => file.endsWith('.parquet'))[0] ?? '';
  const bytes = await readFile(chunk);
  bytes.writeUInt8(bytes.readUInt8(bytes.length >>> 1) ^ 1, bytes.length >>> 1);
  await chmod(chunk, 0o600);
  await writeFile(chunk, bytes);
  const asked = { target: 'lite', suffix: '_left', salvage: true };
  const restore = await ended((await post<Run>(`/api/v1/backups/${id}/restore`, asked)).id);
  expect(restore).toMatchObject({ state: 'succeeded', result: { lost: [{ code: 'OBJECT_DAMAGED' }] } });

  await under.open(`/runs/${restore.id}`);
  const lost = page.getByRole('region', { name: 'What could not be restored' });
  await lost.getByText(/ · .* – .* · Rows: \d+ · /).waitFor();
  await page.getByText('not equal').first().waitFor();
  expect(await under.violations()).toEqual([]);
  await under.shoot('restore-lost');
});
