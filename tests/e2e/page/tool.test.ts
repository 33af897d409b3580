import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Backup, Run } from '@milvault/shared';
import { openStage, type Stage } from '../../support/api-stage.ts';
import { contractTool, type ContractTool } from '../../support/contract-tool.ts';
import { until } from '../../support/jobs/redis-house.ts';
import { builtPage, openPage, type PageUnderTest } from '../../support/page.ts';
import { servers } from '../../support/servers.ts';

let tool: ContractTool;
let stage: Stage;
let under: PageUnderTest;
let backup: Backup;

beforeAll(async () => {
  await builtPage();
  tool = await contractTool();
  stage = await openStage({
    sections: {
      sources: [{ name: 'tooled', address: servers().lite, tool: tool.api }],
      plans: [{ name: 'nightly', source: 'tooled', repository: 'main', collections: ['books'], full: '02:00' }],
    },
  });
  const url = await stage.listen();
  await stage.worker();
  await post(`${url}/api/v1/repositories`, { repository: 'main' });
  await post(`${url}/api/v1/plans/nightly/run`, {});
  const found = await until(
    async () =>
      ((await (await fetch(`${url}/api/v1/backups`)).json()) as { readonly backups: readonly Backup[] }).backups,
    ([one]) => (one?.proofs.length ?? 0) > 0,
    30_000,
  );
  // One was waited for.
  backup = found[0] as Backup;
  under = await openPage(url);
});
afterAll(async () => {
  await under.close();
  await stage.close();
  await tool.close();
});

const post = async (address: string, body: object): Promise<Run> => {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) })).json() as Promise<Run>;
};

test('what a tool did not tell is unknown, its checks are its word, and nothing is offered that it cannot do', async () => {
  const { page } = under;
  await under.open(`/backups/${backup.id}`);
  await page.getByText(`${backup.name} · ${tool.api}`).waitFor();
  const line = page.getByRole('row').filter({ hasText: 'books' });
  expect(await line.getByText('unknown').count()).toBe(2);
  await page.getByText(`by the word of the tool at ${tool.api}`).waitFor();
  await under.shoot('backup-of-a-tool');
  const buttons = await page.getByRole('main').getByRole('button').allInnerTexts();
  expect(buttons).toEqual(expect.arrayContaining(['Check', 'Hold', 'Delete']));
  expect(buttons).not.toContain('Try a restore');
  expect(await page.getByRole('link', { name: 'Restore' }).count()).toBe(0);
  expect(await under.violations()).toEqual([]);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('dialog').getByText('The tool that keeps it deletes it').waitFor();
});

test('nothing complained', () => {
  expect(under.complaints).toEqual([]);
});
