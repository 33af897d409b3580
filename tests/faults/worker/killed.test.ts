import path from 'node:path';
import { BACKUP_DEFAULTS, JOBS } from '@milvault/jobs';
import { initRepository } from '@milvault/repository';
import { silentLogger, systemClock } from '@milvault/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Made } from '../../integration/milvus/fixtures.ts';
import { withBigCollection } from '../../support/big-collection.ts';
import { filesBelow } from '../../support/folder.ts';
import { openTestHouse, until, type TestHouse } from '../../support/jobs/redis-house.ts';
import { servers } from '../../support/servers.ts';

const ROWS = 100_000;
describe('two workers on a backup of 100,000 rows from Milvus 2.3.5', () => {
  let house: TestHouse;
  beforeEach(async () => {
    house = await openTestHouse();
  });
  afterEach(() => house.close());

  it('one killed with -9 in the middle: the run ends well, one backup exists, nothing else is left', async () => {
    await withBigCollection(servers().milvus, ROWS, (made) => backUpAndKill(made, house));
  });
});

async function backUpAndKill({ definition }: Made, house: TestHouse): Promise<void> {
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
  const files = await filesBelow(path.join(place, 'data'));
  const parquet = files.filter((file) => file.endsWith('.parquet')).sort();
  expect(parquet).toEqual(index.chunks.map(({ key }) => path.join(place, key)).sort());
  expect(await filesBelow(path.join(place, 'tmp'))).toEqual([]);
}
