import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { BACKUP_DEFAULTS, JOBS } from '@milvault/jobs';
import { initRepository } from '@milvault/repository';
import { silentLogger, systemClock } from '@milvault/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { batchOf, signal, withCollection, type CollectionWish, type Made } from '../../integration/milvus/fixtures.ts';
import { openTestHouse, until, type TestHouse } from '../../support/jobs/redis-house.ts';
import { servers } from '../../support/servers.ts';

const ROWS = 100_000;
const DIM = 256;
const PAGE = 10_000;

/** Values that differ from row to row and from page to page. */
function valuesFrom(first: number): { id: bigint[]; vector: Uint8Array[] } {
  const floats = Float32Array.from({ length: PAGE * DIM }, (_, i) => ((first + i) * 2_654_435_761) % 8_191);
  const bytes = new Uint8Array(floats.buffer);
  return {
    id: Array.from({ length: PAGE }, (_, i) => BigInt(first + i)),
    vector: Array.from({ length: PAGE }, (_, i) => bytes.subarray(i * DIM * 4, (i + 1) * DIM * 4)),
  };
}

describe('two workers on a backup of 100,000 rows from Milvus 2.3.5', () => {
  let house: TestHouse;
  beforeEach(async () => {
    house = await openTestHouse();
  });
  afterEach(() => house.close());

  it('one killed with -9 in the middle: the run ends well, one backup exists, nothing else is left', async () => {
    const wish: CollectionWish = {
      fields: [
        { name: 'id', type: 'Int64', primary: true },
        { name: 'vector', type: 'FloatVector', params: { dim: DIM } },
      ],
    };
    await withCollection(servers().milvus, wish, async (made) => await backUpAndKill(made, house));
  });
});

async function backUpAndKill({ client, definition }: Made, house: TestHouse): Promise<void> {
  for (let first = 0; first < ROWS; first += PAGE) {
    const batch = batchOf(definition, valuesFrom(first));
    await client.write({ definition, partition: null, batch, mode: 'insert', signal });
  }
  await client.load(definition, null);
  const place = path.join(house.folder, 'repository');
  const repository = await initRepository(place, { clock: systemClock, logger: silentLogger });
  const service = await house.service({ jobs: JOBS });
  const workers = [await house.child('real'), await house.child('real')];
  const run = await service.start(
    'backup',
    {
      ...BACKUP_DEFAULTS,
      source: servers().milvus,
      repository: place,
      collections: [definition.collection],
      type: 'full',
      engine: 'auto',
      plan: null,
      verify: 3,
    },
    { trigger: 'test', plan: null },
  );
  const middle = await until(
    () => service.run(run.id),
    (seen) => seen.progress.rows > 0 || seen.endedAt !== null,
  );
  expect(middle).toMatchObject({ state: 'running', error: null });
  await workers[0]?.kill();

  const ended = await service.wait(run.id, AbortSignal.timeout(150_000));
  expect(ended.error).toBeNull();
  expect(ended.state).toBe('succeeded');
  const [backup, ...others] = await repository.list();
  expect(others).toEqual([]);
  expect(backup).toMatchObject({ rows: ROWS, status: 'complete' });
  expect(ended.result).toMatchObject({ verify: { level: 3, result: 'ok', rows: ROWS } });

  await repository.cleanup({ rules: [], dryRun: false, active: [], unfinishedAgeMs: 0 });
  const manifest = await repository.manifest(backup?.id ?? '');
  const index = await repository.index(manifest, definition.database, definition.collection);
  const files = await filesUnder(path.join(place, 'data'));
  const parquet = files.filter((file) => file.endsWith('.parquet')).sort();
  expect(parquet).toEqual(index.chunks.map(({ key }) => path.join(place, key)).sort());
  expect(await filesUnder(path.join(place, 'tmp'))).toEqual([]);
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
