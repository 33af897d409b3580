import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Made } from '../../integration/milvus/fixtures.ts';
import { openStage } from '../../support/api-stage.ts';
import { withBigCollection } from '../../support/big-collection.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { CALM, until } from '../../support/jobs/redis-house.ts';
import { startChild, type Child } from '../../support/jobs/worker-child.ts';
import { servers } from '../../support/servers.ts';

const ROWS = 60_000;
const children: Child[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) await child.kill();
});

it("a script's create keeps its connection when the worker dies at it, and is answered by the work of another", () =>
  withBigCollection(servers().milvus, ROWS, createAndKill));

async function createAndKill({ definition }: Made): Promise<void> {
  const sections = {
    sources: [{ name: 'milvus', address: servers().milvus }],
    repositories: [{ name: 'main', place: path.join(await temporaryFolder(), 'main') }],
  };
  const stage = await openStage({ sections });
  const url = await stage.listen();
  const post = (at: string, body: object): Promise<Response> =>
    fetch(`${url}${at}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const child = async (): Promise<void> => {
    const settings = { prefix: stage.prefix, redis: servers().redis, tuning: CALM, jobs: 'real', sections } as const;
    children.push(await startChild(settings));
  };
  try {
    expect((await post('/api/v1/repositories', { repository: 'main' })).status).toBe(201);
    await child();
    const name = 'full_20270201_020000';
    const asked = post('/api/v1/backup/create', { backup_name: name, collections: [definition.collection] });
    const { runs } = await until(
      async () => (await (await fetch(`${url}/api/v1/runs`)).json()) as { runs: { progress: { rows: number } }[] },
      (seen) => (seen.runs[0]?.progress.rows ?? 0) > 0,
    );
    expect(runs).toMatchObject([{ state: 'running' }]);
    await children[0]?.kill();
    await child();
    const answer = await asked;
    expect(await answer.json()).toMatchObject({ code: 0, data: { total_entities: ROWS, type: 'full' } });
    const checked = await post('/api/v1/backup/verify', { backup_name: name });
    expect(await checked.json()).toMatchObject({ code: 0, data: { is_valid: true } });
    const { backups } = (await (await fetch(`${url}/api/v1/backups`)).json()) as { backups: unknown[] };
    expect(backups).toHaveLength(1);
  } finally {
    await stage.close();
  }
}
