import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectTool } from '@milvault/engines';
import { createMilvusClient, type MilvusClient } from '@milvault/milvus';
import { systemClock, type Backup, type CollectionDefinition, type Run } from '@milvault/shared';
import { openStage, type Stage } from '../../support/api-stage.ts';
import { insertKeys } from '../../support/engine-case.ts';
import { addressOf } from '../../support/engine-run.ts';
import { until } from '../../support/jobs/redis-house.ts';
import { servers } from '../../support/servers.ts';
import { dropShapes, dumpAll, makeShapes, ownPrefix, type Dump, type Shape } from '../../support/shapes.ts';
import { weekScript } from '../../support/week-script.ts';

const lite = (): string => servers().lite;
const prefix = ownPrefix();
const signal = new AbortController().signal;
let stage: Stage;
let url: string;
let shape: Shape;
let client: MilvusClient;
let definition: CollectionDefinition;

beforeAll(async () => {
  const made = (await makeShapes(lite(), prefix, ['int_keys'])).shapes;
  shape = made[0]!;
  client = createMilvusClient(addressOf(lite()), { clock: systemClock });
  definition = await client.describe(shape, signal);
  stage = await openStage();
  url = await stage.listen();
  await stage.worker();
  await ask('POST', '/api/v1/repositories', { repository: 'main' });
});
afterAll(async () => {
  await stage.close();
  client.close();
  await dropShapes(lite(), prefix);
});

interface Said {
  readonly status: number;
  readonly body: { code: number; message: string; data: Record<string, unknown>; error?: { code: string } };
}

async function ask(method: string, path: string, body?: object): Promise<Said> {
  const sent =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await fetch(`${url}${path}`, { method, ...sent });
  return { status: answer.status, body: (await answer.json()) as Said['body'] };
}
const create = (body: object): Promise<Said> => ask('POST', '/api/v1/backup/create', body);
const stored = async (): Promise<Backup[]> =>
  ((await (await fetch(`${url}/api/v1/backups`)).json()) as { backups: Backup[] }).backups;
const dump = async (collection: string): Promise<Dump> =>
  (await dumpAll(lite(), [{ database: shape.database, collection }]))[0]!;

describe("the original's contract, served", () => {
  it('carries a scheduler that was written for that tool through two weeks', async () => {
    const script = weekScript(`${url}/api/v1`, [shape.collection], 7);
    const days = new Map<number, Dump>();
    for (let day = 0; day <= 15; day += 1) {
      await insertKeys(client, definition, [BigInt(100_000 + day)]);
      if ([2, 9].includes(day)) days.set(day, await dump(shape.collection));
      await script.day(day);
    }
    // The fulls that kept incrementals need: refused, told, survived, and deleted when their time has come.
    const refused = /full_202601(04|11)_020000: .*409.*must stay: incr_202601\d\d_033000 borrows from it/;
    expect(script.alerts.length).toBeGreaterThan(0);
    for (const alert of script.alerts) expect(alert).toMatch(refused);

    const backups = await stored();
    expect(backups.map(({ name }) => name).sort()).toEqual(script.records.map(({ name }) => name).sort());
    const byName = new Map(backups.map((one) => [one.name, one]));
    expect(byName.has('full_20260104_020000')).toBe(false);
    for (const { name, type, day, entities, size } of script.records) {
      const backup = byName.get(name)!;
      expect(backup).toMatchObject({ type, rows: entities, bytes: { own: size } });
      expect(backup.base === null).toBe(type === 'full');
      // One row was new each day, and the base is the full of the week.
      const changes = { added: day % 7, deleted: 0, changed: 0 };
      if (type === 'incremental') expect(backup.collections[0]?.changes).toEqual(changes);
    }
    const started = await ask('POST', '/api/backup/restore', {
      backup_name: 'incr_20260113_033000',
      target: 'lite',
      suffix: '_back',
    });
    const run = await ended(String(started.body.data['run']));
    expect(run.error).toBeNull();
    expect((await dump(`${shape.collection}_back`)).rows).toEqual(days.get(9)?.rows);
  }, 400_000);

  it('makes one backup of a name, however often and by however many it is asked for', async () => {
    const body = { backup_name: 'full_20270101_020000', collections: [shape.collection], compression: true };
    const answers = await Promise.all([create(body), create(body), create(body)]);
    const ids = new Set(answers.map(({ body: said }) => said.data['backup_id']));
    expect([answers.map(({ status }) => status), ids.size]).toEqual([[200, 200, 200], 1]);
    expect((await create(body)).body).toEqual(answers[0]?.body);
    expect((await stored()).filter(({ name }) => name === body.backup_name)).toHaveLength(1);
    expect(await create({ ...body, collections: ['something_else'] })).toMatchObject({
      status: 409,
      body: { code: 409, error: { code: 'CONFLICT' } },
    });
    expect(
      await create({ ...body, incremental: true, base_backup: body.backup_name, backup_name: body.backup_name }),
    ).toMatchObject({ status: 200 });
  });

  it('goes on when its caller hangs up, and answers the one who asks again', async () => {
    const body = { backup_name: 'full_20270102_020000', collections: [shape.collection] };
    const gone = AbortSignal.timeout(40);
    const hung = fetch(`${url}/api/v1/backup/create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: gone,
    });
    await expect(hung).rejects.toThrow();
    expect(await create(body)).toMatchObject({ status: 200, body: { code: 0 } });
    expect((await stored()).filter(({ name }) => name === body.backup_name)).toHaveLength(1);
  });

  it('takes a name again after its backup was deleted', async () => {
    const body = { backup_name: 'full_20270103_020000', collections: [shape.collection] };
    const first = await create(body);
    expect(await ask('DELETE', '/api/v1/backup/delete', { backup_name: body.backup_name })).toMatchObject({
      status: 200,
      body: { code: 0 },
    });
    expect(await ask('POST', '/api/v1/backup/verify', { backup_name: body.backup_name })).toMatchObject({
      status: 404,
      body: { code: 404 },
    });
    const second = await create(body);
    expect(second.body.data['backup_id']).not.toBe(first.body.data['backup_id']);
  });

  it.each<[string, object, number, string]>([
    [
      'a base that is not there',
      { backup_name: 'incr_1', base_backup: 'full_none', incremental: true },
      404,
      'BACKUP_NOT_FOUND',
    ],
    ['a misspelt field', { backup_name: 'full_2', colections: [] }, 400, 'REQUEST_INVALID'],
    ['a name that walks', { backup_name: '../x' }, 400, 'REQUEST_INVALID'],
    ['no name', {}, 400, 'REQUEST_INVALID'],
    ['a collection that is not there', { backup_name: 'full_3', collections: ['nobody'] }, 404, 'COLLECTION_NOT_FOUND'],
  ])('refuses %s in the envelope', async (_what, body, status, code) => {
    expect(await create(body)).toMatchObject({ status, body: { code: status, error: { code } } });
  });

  it('is known as milvault to a milvault that looks who answers', async () => {
    expect(await detectTool(`${url}/api/v1`, signal)).toEqual({ kind: 'milvault' });
  });
});

const ended = (id: string): Promise<Run> =>
  until(
    async () => (await (await fetch(`${url}/api/v1/runs/${id}`)).json()) as Run,
    ({ endedAt }) => endedAt !== null,
  );
