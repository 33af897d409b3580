import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { composeAdapters, JOBS, type BackupOutcome, type JobPayloads } from '@milvault/jobs';
import { silentLogger, systemClock, type RunKind } from '@milvault/shared';
import { addressOf } from '../../support/engine-run.ts';
import { configOf, openTestHouse } from '../../support/jobs/redis-house.ts';
import { servers } from '../../support/servers.ts';
import { dropShapes, makeShapes, ownPrefix } from '../../support/shapes.ts';

it('a backup of Milvus 2.3.5 is taken, checked to level 3 and drilled by queued jobs', async () => {
  const prefix = ownPrefix();
  const folder = await mkdtemp(path.join(tmpdir(), 'milvault-jobs-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  onTestFinished(async () => void (await dropShapes(servers().milvus, prefix)));
  const [shape] = (await makeShapes(servers().milvus, prefix, ['dynamic'])).shapes;
  if (shape === undefined) throw new Error('no shape was made');
  const config = configOf({
    sources: [{ name: 'src', ...addressOf(servers().milvus) }],
    repositories: [{ name: 'repo', place: folder }],
  });
  await composeAdapters(config, { clock: systemClock, logger: silentLogger }).initRepository('repo');
  const house = await openTestHouse(config);
  onTestFinished(() => house.close());
  const service = await house.service({ jobs: JOBS });
  await house.worker({ jobs: JOBS });
  const good = async <K extends RunKind>(kind: K, payload: JobPayloads[K]): Promise<unknown> => {
    const { id } = await service.start(kind, payload, { trigger: 'api', plan: null });
    const run = await service.wait(id, AbortSignal.timeout(50_000));
    expect(run).toMatchObject({ state: 'succeeded', error: null });
    return run.result;
  };
  const { id } = (await good('backup', {
    source: 'src',
    repository: 'repo',
    collections: [shape.collection],
    type: 'full',
    engine: 'auto',
    plan: null,
    verify: 3,
  })) as BackupOutcome;
  const drill = await good('drill', { repository: 'repo', backup: id, target: null });
  expect(drill).toMatchObject({ result: 'ok', rows: shape.rows, searched: 3 });
  const { proofs } = await service.backup(id);
  expect(proofs.map(({ level }) => level)).toEqual(expect.arrayContaining([3, 4]));
  expect(proofs.every(({ result }) => result === 'ok')).toBe(true);
});
