import { randomInt } from 'node:crypto';
import path from 'node:path';
import { openRepository, type Repository } from '@milvault/repository';
import { systemClock, type Run } from '@milvault/shared';
import { describe, expect, it } from 'vitest';
import { withBigCollection } from '../../support/big-collection.ts';
import { rowsEngine } from '../../support/engine-case.ts';
import { engineDeps, addressOf, restoreBackup } from '../../support/engine-run.ts';
import { filesBelow, temporaryFolder } from '../../support/folder.ts';
import { httpSink } from '../../support/http-sink.ts';
import { until } from '../../support/jobs/redis-house.ts';
import { createActs, type Acts } from '../../support/kills/acts.ts';
import { createDice, type Dice } from '../../support/kills/dice.ts';
import { openKillableHouse, VICTIMS, type KillableHouse } from '../../support/kills/house.ts';
import { servers } from '../../support/servers.ts';

const KILLS = Number(process.env['MILVAULT_TEST_KILLS'] ?? 12);
const SEED = Number(process.env['MILVAULT_TEST_SEED'] ?? randomInt(2 ** 31));
/** No kill later than so long after the first. */
const MINUTES = Number(process.env['MILVAULT_TEST_MINUTES'] ?? Infinity);
const ROWS = 20_000;
/** From the last kill to the end of the last run. */
const SETTLE_MS = 300_000;
const DOOMED = ['doomed-1', 'doomed-2', 'doomed-3'] as const;
const NEVER = '0 0 1 1 *';

describe(`${String(KILLS)} kills (-9) at random moments, seed ${String(SEED)}`, () => {
  it('lose no backup, keep none that is not whole, leave no run stuck and no alert untold', { timeout: 0 }, () =>
    withBigCollection(servers().milvus, ROWS, (one) =>
      withBigCollection(servers().milvus, ROWS, async (other) => {
        const collections = [one, other].map(({ definition }) => definition.collection);
        await killAndLook(collections, createDice(SEED));
      }),
    ),
  );
});

async function killAndLook(collections: readonly string[], dice: Dice): Promise<void> {
  const folder = await temporaryFolder();
  const place = path.join(folder, 'repository');
  const chat = await httpSink((response) => response.end('ok'));
  const sections = {
    sources: [{ name: 'milvus', address: servers().milvus }],
    repositories: [{ name: 'main', place }],
    channels: [{ kind: 'slack', name: 'chat', webhook: `http://127.0.0.1:${String(chat.port)}/x` }],
    plans: DOOMED.map((name) => ({
      name,
      source: 'milvus',
      repository: 'main',
      collections: ['nobody_made_this'],
      full: NEVER,
      maxAgeHours: 1000,
    })),
    cleanup: NEVER,
    health: NEVER,
  };
  const house = await openKillableHouse(folder, sections);
  try {
    await fetch(`${house.api}/api/v1/repositories`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ repository: 'main' }),
    });
    const suffix = `_k${String(SEED % 1000)}_`;
    const acts = createActs({ api: house.api, dice, collections, doomed: DOOMED, suffix });
    await killWhileActing(house, acts, dice);
    const runs = await settled(house, acts);
    await look(await openRepository(place, { clock: systemClock }), place, runs, acts.deleted);
    await noAlertLost(runs, () => chat.posts.map(({ body }) => (JSON.parse(body) as { text: string }).text));
    await dropRestored(collections, suffix);
  } finally {
    await house.close();
    await chat.close();
  }
}

/** Two at a time act without end; between, processes die. */
async function killWhileActing(house: KillableHouse, acts: Acts, dice: Dice): Promise<void> {
  let killing = true;
  const person = async (): Promise<void> => {
    while (killing) {
      await acts.act();
      await systemClock.sleep(dice.below(600));
    }
  };
  const people = [person(), person()];
  try {
    const end = systemClock.monotonic() + MINUTES * 60_000;
    for (let kill = 0; kill < KILLS && systemClock.monotonic() < end; kill++) {
      await systemClock.sleep(dice.below(2_500));
      await house.kill(dice.pick(VICTIMS), dice.below(1_000));
    }
  } finally {
    killing = false;
    await Promise.all(people);
  }
}

/** All runs, once each has ended; of those that were accepted none is missing. */
async function settled({ service }: KillableHouse, { accepted, deleted }: Acts): Promise<readonly Run[]> {
  const runs = await until(
    async () => (await service.runs({ limit: 10_000, offset: 0 })).runs,
    (all) => all.every(({ endedAt }) => endedAt !== null),
    SETTLE_MS,
  );
  const known = new Set(runs.map(({ id }) => id));
  expect([...accepted].filter((id) => !known.has(id))).toEqual([]);
  // What may fail: the doomed, and what was asked of a backup that was deleted meanwhile.
  const failed = runs.filter(({ state, plan }) => state !== 'succeeded' && plan === null);
  const ofDeleted = ({ request }: Run): boolean => deleted.has(String((request as { backup?: string }).backup));
  const unasked = failed.filter((run) => !ofDeleted(run));
  expect(unasked.map(({ kind, error }) => `${kind}: ${error?.code ?? ''} ${error?.message ?? ''}`)).toEqual([]);
  return runs;
}

/** Every listed backup restores with equal content, every acknowledged one is there, and nothing else is. */
async function look(
  repository: Repository,
  place: string,
  runs: readonly Run[],
  deleted: ReadonlySet<string>,
): Promise<void> {
  const listed = await repository.list();
  const ids = new Set(listed.map(({ id }) => id));
  for (const { kind, state, result } of runs) {
    if (kind !== 'backup' || state !== 'succeeded') continue;
    const { id } = result as unknown as { id: string };
    expect(ids.has(id) || deleted.has(id), `backup ${id} was acknowledged, and is there or was deleted`).toBe(true);
  }
  await repository.cleanup({ rules: [], dryRun: false, active: [], unfinishedAgeMs: 0 });
  const expected = new Set<string>();
  for (const { id, status, rows } of listed) {
    expect({ id, status }).toEqual({ id, status: 'complete' });
    expect(await repository.verify(id, { level: 3 })).toMatchObject({ result: 'ok', rows });
    const manifest = await repository.manifest(id);
    for (const { database, collection } of manifest.collections) {
      const { chunks } = await repository.index(manifest, database, collection);
      for (const { key } of chunks) expected.add(path.join(place, key));
    }
    await restoreBackup(rowsEngine(), addressOf(servers().milvus), repository, manifest, { suffix: `_${id}` });
    await dropRestored(
      manifest.collections.map(({ collection }) => collection),
      `_${id}`,
    );
  }
  const parquet = (await filesBelow(path.join(place, 'data'))).filter((file) => file.endsWith('.parquet'));
  expect(parquet.filter((file) => !expected.has(file))).toEqual([]);
  expect(await filesBelow(path.join(place, 'tmp'))).toEqual([]);
}

/** Each plan that failed was told, once. */
async function noAlertLost(runs: readonly Run[], told: () => readonly string[]): Promise<void> {
  const failed = [...new Set(runs.filter(({ state }) => state === 'failed').flatMap(({ plan }) => plan ?? []))];
  const about = (plan: string): number =>
    told().filter((text) => text.includes(`backup of plan ${plan} failed`)).length;
  await until(
    async () => failed.map(about),
    (counts) => counts.every((count) => count > 0),
  );
  expect(failed.map(about)).toEqual(failed.map(() => 1));
}

async function dropRestored(collections: readonly string[], suffix: string): Promise<void> {
  const client = engineDeps.connect(addressOf(servers().milvus));
  try {
    const starting = async (end: string): Promise<string[]> =>
      (await client.collections('default')).filter((name) => collections.some((one) => name.startsWith(one + end)));
    // What a run could not remove at its end is removed by a job of its own.
    await until(
      async () => (await starting('')).filter((name) => name.includes('__milvault_')),
      (scratch) => scratch.length === 0,
    );
    for (const collection of await starting(suffix)) await client.drop({ database: 'default', collection });
  } finally {
    client.close();
  }
}
