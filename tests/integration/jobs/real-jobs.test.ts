import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BACKUP_DEFAULTS,
  composeAdapters,
  createLocalService,
  JOBS,
  type BackupOutcome,
  type BackupPayload,
  type CleanupOutcome,
  type HealthOutcome,
  type JobPayloads,
  type Service,
} from '@milvault/jobs';
import { createMilvusClient, type MilvusClient } from '@milvault/milvus';
import { silentLogger, systemClock, type Config, type DrillReport, type Run, type RunKind } from '@milvault/shared';
import { addressOf } from '../../support/engine-run.ts';
import { configOf, openTestHouse, until, type TestHouse } from '../../support/jobs/redis-house.ts';
import { servers } from '../../support/servers.ts';
import { planOf } from '../../support/jobs/plan.ts';
import { dropShapes, makeShapes, ownPrefix, type Shape } from '../../support/shapes.ts';

const patience = (): AbortSignal => AbortSignal.timeout(60_000);

/** The two runners of the same jobs. */
const RUNNERS = ['in this process', 'over Redis'] as const;

const REPOSITORIES = ['repo', 'empty-l', 'empty-r'];

describe('the jobs on Milvus Lite', () => {
  const server = (): string => servers().lite;
  const prefix = ownPrefix();
  let folder: string;
  let config: Config;
  let house: TestHouse;
  let shape: Shape;
  let client: MilvusClient;
  let services: Record<(typeof RUNNERS)[number], Service>;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'milvault-jobs-'));
    [shape] = (await makeShapes(server(), prefix, ['partitions'])).shapes as [Shape];
    client = createMilvusClient(addressOf(server()), { clock: systemClock });
    const plan = planOf({ name: 'nightly', collections: [shape.collection] });
    config = configOf({
      sources: [{ name: 'src', ...addressOf(server()), storage: null }],
      repositories: REPOSITORIES.map((name) => ({ name, place: path.join(folder, name), access: null })),
      plans: [plan],
    });
    const adapters = composeAdapters(config, { clock: systemClock, logger: silentLogger });
    for (const name of REPOSITORIES) await adapters.initRepository(name);
    house = await openTestHouse({ ...config });
    const remote = await house.service({ jobs: JOBS });
    await house.worker({ jobs: JOBS });
    services = { 'in this process': createLocalService(config), 'over Redis': remote };
  });
  afterAll(async () => {
    await services['in this process'].close();
    await house.close();
    client.close();
    await dropShapes(server(), prefix);
    await rm(folder, { recursive: true, force: true });
  });

  const run = async <K extends RunKind>(service: Service, kind: K, payload: JobPayloads[K]): Promise<Run> => {
    const { id } = await service.start(kind, payload, { trigger: 'api', plan: null });
    return service.wait(id, patience());
  };
  const good = async <K extends RunKind>(service: Service, kind: K, payload: JobPayloads[K]): Promise<unknown> => {
    const ended = await run(service, kind, payload);
    expect(ended).toMatchObject({ state: 'succeeded', error: null });
    return ended.result;
  };
  const asked = (extra: Partial<BackupPayload> = {}): BackupPayload => ({
    ...BACKUP_DEFAULTS,
    source: 'src',
    repository: 'repo',
    collections: [shape.collection],
    type: 'full',
    engine: 'auto',
    plan: null,
    verify: 2,
    ...extra,
  });
  const mine = async (): Promise<string[]> =>
    (await client.collections('default')).filter((name) => name.startsWith(prefix)).sort();

  it('take, verify, drill and restore a backup, with equal results by both runners', async () => {
    const before = await mine();
    const results = [];
    for (const runner of RUNNERS) {
      const service = services[runner];
      const backup = (await good(service, 'backup', asked())) as BackupOutcome;
      expect(backup).toMatchObject({
        type: 'full',
        status: 'complete',
        repository: 'repo',
        rows: shape.rows,
        note: null,
      });
      expect(backup.verify).toMatchObject({ level: 2, result: 'ok' });
      expect(backup.proofs).toMatchObject([{ level: 2, result: 'ok' }]);
      const { id } = backup;

      const verify = await good(service, 'verify', { repository: 'repo', backup: id, level: 3 });
      expect(verify).toMatchObject({ backup: id, level: 3, result: 'ok', rows: shape.rows, damages: [] });

      const drill = (await good(service, 'drill', { repository: 'repo', backup: id, target: null })) as DrillReport;
      expect(drill).toMatchObject({ result: 'ok', rows: shape.rows, searched: 3 });
      expect(await mine()).toEqual(before);
      expect((await service.backup(id)).proofs.map(({ level }) => level).sort()).toEqual([2, 3, 4]);

      const suffix = runner === 'over Redis' ? '_r' : '_l';
      const restored = await good(service, 'restore', {
        repository: 'repo',
        backup: id,
        target: 'src',
        collections: [],
        partitions: [],
        suffix,
        rename: {},
        aliases: false,
      });
      const collection = `${shape.collection}${suffix}`;
      expect(restored).toMatchObject({
        rows: shape.rows,
        collections: [{ targetCollection: collection, contentEqual: true }],
      });
      await client.drop({ database: 'default', collection });
      const { rows, bytes, collections, warnings, consistency } = backup;
      results.push({ rows, bytes, collections, warnings, consistency, searched: drill.searched });
    }
    expect(results[0]).toEqual(results[1]);
  });

  it.each(RUNNERS)(
    '%s: an incremental borrows from the newest backup; without one it is a full and says so',
    async (runner) => {
      const service = services[runner];
      const repository = runner === 'over Redis' ? 'empty-r' : 'empty-l';
      const take = async (type: 'full' | 'incremental'): Promise<BackupOutcome> =>
        (await good(service, 'backup', asked({ repository, type }))) as BackupOutcome;

      const first = await take('incremental');
      expect(first).toMatchObject({ type: 'full', base: null });
      expect(first.bytes.own).toBe(first.bytes.total);
      expect(first.note).toContain('there is no backup of this source');

      const second = await take('incremental');
      expect(second).toMatchObject({
        type: 'incremental',
        base: first.id,
        bytes: { own: 0, total: first.bytes.total },
        rows: shape.rows,
        note: null,
      });
      expect(second.verify).toMatchObject({ level: 2, result: 'ok' });

      const full = await take('full');
      const third = await take('incremental');
      expect(third).toMatchObject({ type: 'incremental', base: full.id });
    },
  );

  it.each(RUNNERS)('%s: a collection that is not there fails at once and leaves nothing', async (runner) => {
    const service = services[runner];
    const before = await service.backups({});
    const ended = await run(service, 'backup', asked({ collections: ['nothing_here'] }));
    expect(ended).toMatchObject({ state: 'failed', attempts: 1, error: { code: 'COLLECTION_NOT_FOUND' } });
    expect(await service.backups({})).toEqual(before);
  });

  it('a restore onto a collection that exists changes nothing', async () => {
    const runner = 'in this process';
    const service = services[runner];
    const { id } = (await good(service, 'backup', asked())) as BackupOutcome;
    const before = await mine();
    const ended = await run(service, 'restore', {
      repository: 'repo',
      backup: id,
      target: 'src',
      collections: [],
      partitions: [],
      suffix: null,
      rename: { [shape.collection]: shape.collection },
      aliases: false,
    });
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'TARGET_EXISTS' } });
    expect(await mine()).toEqual(before);
  });

  it('damage is found, named, and refused by a drill', async () => {
    const runner = 'over Redis';
    const service = services[runner];
    const { id } = (await good(service, 'backup', asked({ verify: null }))) as BackupOutcome;
    const chunk = await chunkOf(path.join(folder, 'repo'), id);
    await writeFile(chunk, 'not a chunk any more');
    const report = await good(service, 'verify', { repository: 'repo', backup: id, level: 2 });
    expect(report).toMatchObject({
      result: 'damaged',
      damages: [{ code: 'OBJECT_DAMAGED', collection: shape.collection }],
    });
    const drilled = await run(service, 'drill', { repository: 'repo', backup: id, target: null });
    expect(drilled).toMatchObject({ state: 'failed', error: { code: 'BACKUP_DAMAGED' } });
    await service.removeBackup(id);
    await expect(service.backup(id)).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
  });

  it.each(RUNNERS)('%s: health says what is wrong and never fails for it', async (runner) => {
    const service = services[runner];
    const health = (await good(service, 'health', {})) as HealthOutcome;
    const found = Object.fromEntries(health.findings.map(({ check, subject, ok }) => [`${check}/${subject}`, ok]));
    expect(found).toMatchObject({ 'source/src': true, 'repository/repo': true });
    expect(found).toHaveProperty('backup-age/nightly');
    expect(health.healthy).toBe(health.findings.every(({ ok }) => ok));
    if (runner === 'over Redis') expect(found['workers/queues']).toBe(true);
  });

  it('a clean-up gives the reason for each backup', async () => {
    const runner = 'in this process';
    const service = services[runner];
    const { id } = (await good(service, 'backup', asked({ plan: 'nightly' }))) as BackupOutcome;
    const report = (await good(service, 'cleanup', { repository: null, dryRun: true })) as CleanupOutcome;
    expect(report.dryRun).toBe(true);
    expect(report.kept.find((one) => one.id === id)?.reason).not.toBe('');
    expect(report.repositories.map(({ name }) => name)).toEqual(REPOSITORIES);
    expect((await service.backup(id)).plan).toBe('nightly');
  });

  it.each(RUNNERS)('%s: a drill keeps its backup; cancelled, it drops what it made and lets go', async (runner) => {
    const service = services[runner];
    const { id } = (await good(service, 'backup', asked())) as BackupOutcome;
    const before = await mine();
    const { id: drill } = await service.start(
      'drill',
      { repository: 'repo', backup: id, target: null },
      { trigger: 'api', plan: null },
    );
    await until(mine, (now) => now.length > before.length);
    await expect(service.removeBackup(id)).rejects.toMatchObject({ code: 'BACKUP_NEEDED' });
    await service.cancel(drill);
    expect((await service.wait(drill, patience())).state).toBe('cancelled');
    expect(await mine()).toEqual(before);
    expect((await service.backup(id)).proofs.map(({ level }) => level)).toEqual([2]);
    await service.removeBackup(id);
  });

  it('backups are listed from the repository alone: all of Redis may be lost', async () => {
    const service = services['over Redis'];
    const before = await service.backups({});
    expect(before.length).toBeGreaterThan(0);
    await house.forget();
    expect(await service.backups({})).toEqual(before);
    expect(await service.runs({ limit: 10, offset: 0 })).toEqual({ runs: [], total: 0 });
  });

  it.each(RUNNERS)('%s: a repository that cannot be read is named, and hides no other one', async (runner) => {
    const service = services[runner];
    const name = runner === 'over Redis' ? 'empty-r' : 'empty-l';
    const place = path.join(folder, name);
    const { id } = (await good(service, 'backup', asked({ verify: null }))) as BackupOutcome;
    await rename(place, `${place}-away`);
    try {
      const { backups, unread } = await service.survey({});
      expect(unread).toMatchObject([{ repository: name, code: 'REPO_NOT_A_REPOSITORY' }]);
      expect(backups.map((one) => one.id)).toContain(id);
      expect((await service.backup(id)).id).toBe(id);
      await expect(service.backups({})).rejects.toMatchObject({ code: 'REPO_NOT_A_REPOSITORY' });
      await expect(service.backup('full_20200101_000000')).rejects.toMatchObject({ code: 'REPO_NOT_A_REPOSITORY' });
    } finally {
      await rename(`${place}-away`, place);
    }
    expect((await service.survey({})).unread).toEqual([]);
  });

  it('one backup is seen and usable by both runners, and by name', async () => {
    const backup = (await good(services['over Redis'], 'backup', asked())) as BackupOutcome;
    const local = services['in this process'];
    expect(await local.backup(backup.id)).toMatchObject({ id: backup.id, rows: shape.rows });
    expect(await good(local, 'verify', { repository: 'repo', backup: backup.id, level: 3 })).toMatchObject({
      result: 'ok',
    });
  });
});

/** The one data file of a backup. */
async function chunkOf(repository: string, backup: string): Promise<string> {
  const files = await readdir(repository, { recursive: true });
  const chunk = files.find((file) => file.includes(backup) && file.endsWith('.parquet'));
  if (chunk === undefined)
    throw new Error(`no chunk among ${files.filter((file) => file.includes(backup)).join(', ')}`);
  return path.join(repository, chunk);
}
