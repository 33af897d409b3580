import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backup, Run } from '@milvault/shared';
import { openStage, type Stage } from '../../support/api-stage.ts';
import { until } from '../../support/jobs/redis-house.ts';
import { createFilms } from '../../support/oracle/films.ts';
import { builtPage, openPage, SIZES, type PageUnderTest, type Size } from '../../support/page.ts';
import { servers } from '../../support/servers.ts';

const { python, lite } = servers();
const films = createFilms(python);
const prefix = `look_${randomBytes(4).toString('hex')}_`;
const name = `${prefix}films`;

let stage: Stage;
let url: string;
let page: PageUnderTest;
const addresses: Record<string, string> = {};

beforeAll(async () => {
  await builtPage();
  await films.make(lite, name, 400);
  const plan = { source: 'lite', repository: 'main', collections: [name] };
  stage = await openStage({
    sections: {
      plans: [
        { name: 'nightly', ...plan, full: '0 2 * * 0', incremental: '0 2 * * 1-6' },
        { name: 'weekly', ...plan, full: '0 4 * * 6', enabled: false },
      ],
    },
  });
  url = await stage.listen();
  await stage.worker();
  await post('/api/v1/repositories', { repository: 'main' });
  const full = await ended(await post<Run>('/api/v1/plans/nightly/run', { type: 'full' }));
  const incremental = await ended(await post<Run>('/api/v1/plans/nightly/run', { type: 'incremental' }));
  const failed = await ended(await post<Run>('/api/v1/runs/backup', { collections: [`${prefix}none`] }));
  // The result of a backup run is its backup.
  const backup = incremental.result as unknown as Backup;
  await ended(await post<Run>(`/api/v1/backups/${(full.result as unknown as Backup).id}/drill`, {}));
  Object.assign(addresses, {
    overview: '/',
    backups: '/backups',
    backup: `/backups/${backup.id}`,
    runs: '/runs',
    run: `/runs/${incremental.id}`,
    'failed-run': `/runs/${failed.id}`,
    nowhere: '/nowhere',
  });
  page = await openPage(url);
});
afterAll(async () => {
  await page.close();
  await stage.close();
  await films.drop(lite, prefix);
});

async function post<Answer>(path: string, body: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return (
    await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  ).json() as Promise<Answer>;
}
const ended = ({ id }: Run): Promise<Run> =>
  until(
    async () => (await (await fetch(`${url}/api/v1/runs/${id}`)).json()) as Run,
    (run) => run.endedAt !== null,
    60_000,
  );

describe('every page', () => {
  test.each(Object.keys(SIZES) as Size[])('fits a %s, without a fault of access in either theme', async (size) => {
    const faults: string[] = [];
    for (const [title, address] of Object.entries(addresses)) {
      for (const scheme of ['light', 'dark'] as const) {
        await page.open(address, { size, scheme });
        await page.shoot(`${title}-${size}-${scheme}`);
        const found = [...(await page.violations()), await page.overflow()].filter((one) => one !== null);
        faults.push(...found.map((fault) => `${title} ${scheme}: ${fault}`));
      }
    }
    expect(faults).toEqual([]);
  });

  test('speaks Chinese, and says so', async () => {
    for (const [title, address] of Object.entries(addresses)) {
      await page.open(address, { language: 'zh' });
      await page.shoot(`${title}-chinese`);
      expect(await page.page.locator('html').getAttribute('lang')).toBe('zh-CN');
      expect(await page.page.locator('nav').innerText()).toContain('总览');
    }
    expect(await page.page.locator('main').innerText()).toContain('此地址没有任何内容');
  });

  test('complains of nothing to the console', () => {
    expect(page.complaints).toEqual([]);
  });
});
