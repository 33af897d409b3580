import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectTool } from '@milvault/engines';
import {
  adoptHeld,
  backupOf,
  composeAdapters,
  createLocalService,
  listHeld,
  type Adapters,
  type BackupOutcome,
  type CleanupOutcome,
  type JobPayloads,
  type Service,
} from '@milvault/jobs';
import {
  parseConfig,
  silentLogger,
  systemClock,
  type Clock,
  type Config,
  type RestoreReport,
  type Run,
  type RunKind,
} from '@milvault/shared';
import { until } from '../../support/jobs/redis-house.ts';
import { officialServer, type OfficialServer } from '../../support/official-server.ts';
import { servers } from '../../support/servers.ts';
import { dropShapes, dumpAll, makeShapes, ownPrefix, type Shape } from '../../support/shapes.ts';

const DAY = 24 * 60 * 60 * 1000;
const patience = (): AbortSignal => AbortSignal.timeout(120_000);

describe('the official milvus-backup server on Milvus 2.3.5', () => {
  const prefix = ownPrefix();
  const clock: Clock & { days: number } = { ...systemClock, days: 0, now: () => Date.now() + clock.days * DAY };
  let server: OfficialServer;
  let folder: string;
  let config: Config;
  let adapters: Adapters;
  let service: Service;
  let shapes: readonly Shape[];

  beforeAll(async () => {
    server = await officialServer();
    folder = await mkdtemp(path.join(tmpdir(), 'milvault-mb-'));
    shapes = (await makeShapes(servers().milvus, prefix, ['int_keys', 'text_keys'])).shapes;
    config = parseConfig(
      JSON.stringify({
        sources: [{ name: 'milvus', address: servers().milvus, tool: server.api }],
        repositories: [{ name: 'backups', place: path.join(folder, 'repo') }],
        plans: [
          {
            name: 'daily',
            source: 'milvus',
            repository: 'backups',
            collections: shapes.map(({ collection }) => collection),
            full: '02:00',
            incremental: '03:30',
            retention: { days: 7 },
          },
        ],
      }),
      { env: {}, folder, timeZone: 'UTC' },
    );
    adapters = composeAdapters(config, { clock, logger: silentLogger });
    service = createLocalService(config, {
      clock,
      adapters,
      tuning: { attempts: 6, attemptsByHand: 6, backoffMs: 300 },
    });
    await adapters.initRepository('backups');
  }, 200_000);
  afterAll(async () => {
    await service.close();
    await server.close();
    await dropShapes(servers().milvus, prefix);
    await rm(folder, { recursive: true, force: true });
  });

  const plan = () => config.plans[0]!;
  const start = <K extends RunKind>(kind: K, payload: JobPayloads[K]) =>
    service.start(kind, payload, { trigger: 'test', plan: 'daily' });
  async function run<K extends RunKind>(kind: K, payload: JobPayloads[K]): Promise<Run> {
    return service.wait((await start(kind, payload)).id, patience());
  }
  const outcome = (ended: Run): BackupOutcome => {
    expect(ended.error).toBeNull();
    return ended.result as unknown as BackupOutcome;
  };
  const take = async (type: 'full' | 'incremental' = 'full') => outcome(await run('backup', backupOf(plan(), type)));
  const restoreOf = (backup: string, suffix: string): JobPayloads['restore'] => ({
    repository: 'backups',
    backup,
    target: 'milvus',
    collections: [],
    partitions: [],
    suffix,
    rename: {},
    aliases: false,
  });
  const rowsOf = async (suffix: string) =>
    (
      await dumpAll(
        servers().milvus,
        shapes.map(({ database, collection }) => ({ database, collection: collection + suffix })),
      )
    ).map(({ rows }) => rows);
  const raw = async (
    method: string,
    at: string,
    body?: object,
    headers: object = {},
  ): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${server.api}${at}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  };

  /** Empty folders stay where the storage is a local one. */
  const filesOf = async (name: string): Promise<string[]> => {
    const all = await readdir(path.join(server.store, name), { recursive: true, withFileTypes: true }).catch(() => []);
    return all.filter((one) => one.isFile()).map((one) => one.name);
  };

  it('is found out', async () => {
    expect(await detectTool(server.api, patience())).toEqual({ kind: 'milvus-backup' });
  });

  it('takes a full, lists it, and restores it under new names, equal row by row', async () => {
    const backup = await take();
    expect(backup).toMatchObject({
      name: expect.stringMatching(/^full_\d{8}_\d{6}$/),
      engine: 'milvus-backup',
      rows: shapes.reduce((sum, { rows }) => sum + rows, 0),
      tool: { api: server.api, name: backup.name, key: `${backup.id}_1`, unknown: [] },
      proofs: [{ level: 0, result: 'ok', by: expect.stringContaining('still lists') }],
    });
    expect(backup.bytes.own).toBeGreaterThan(0);
    const restored = await run('restore', restoreOf(backup.id, '_back'));
    expect(restored.error).toBeNull();
    const report = restored.result as unknown as RestoreReport;
    for (const one of report.collections)
      expect(one).toMatchObject({ contentEqual: false, rowsRestored: one.rowsExpected });
    expect(await rowsOf('_back')).toEqual(await rowsOf(''));
    expect((await run('restore', restoreOf(backup.id, '_back'))).error).toMatchObject({ code: 'TARGET_EXISTS' });
  }, 120_000);

  it('stores a planned incremental as a full, and says why', async () => {
    clock.days = 1;
    expect(await take('incremental')).toMatchObject({
      type: 'full',
      base: null,
      note: expect.stringContaining('the engine milvus-backup takes no incrementals'),
    });
  }, 60_000);

  it('retention deletes at the server, and in its storage', async () => {
    clock.days = 10;
    const [old] = (await service.backups({})).slice(-1);
    await take();
    const report = (await run('cleanup', { repository: null, dryRun: false })).result as unknown as CleanupOutcome;
    expect(report.removed.map(({ id }) => id)).toContain(old?.id);
    expect(await filesOf(old?.tool?.name ?? '')).toEqual([]);
  }, 60_000);

  it('is told as damaged where the server has lost it', async () => {
    const { id, tool } = await take();
    await rm(path.join(server.store, tool?.name ?? ''), { recursive: true });
    const checked = await run('verify', { repository: 'backups', backup: id, level: 2 });
    expect(checked.result).toMatchObject({ result: 'damaged', level: 0, damages: [{ code: 'OBJECT_MISSING' }] });
  }, 60_000);

  it('trap: a name that a failed backup blocks is not freed by delete; the next name is taken, and told', async () => {
    // Held at one second, so that the name is known before.
    const at = Date.now() + 20 * DAY;
    const still: Clock = { ...clock, now: () => at };
    const other = createLocalService(config, {
      clock: still,
      adapters: composeAdapters(config, { clock: still, logger: silentLogger }),
    });
    const name = `full_${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_')}`;
    await mkdir(path.join(server.store, name, 'binlogs'), { recursive: true });
    expect((await raw('DELETE', `/delete?backup_name=${name}`)).text).toContain('"code":3');
    expect((await raw('POST', '/create', { backup_name: name })).text).toMatch(/exist/);
    const { id } = await other.start('backup', backupOf(plan(), 'full'), { trigger: 't', plan: null });
    const backup = outcome(await other.wait(id, patience()));
    expect(backup.tool?.name).toBe(`${name}_2`);
    expect(backup.name).toBe(name);
    expect(backup.warnings).toContainEqual(
      expect.objectContaining({ code: 'TOOL_LEFTOVERS', message: expect.stringContaining(name) }),
    );
    await other.close();
  }, 120_000);

  it('takes over what the server held before, once, and retention judges it by the age that its name tells', async () => {
    const [kept, old] = ['someone_elses', 'full_20200101_020000'] as const;
    for (const name of [kept, old])
      expect(
        (await raw('POST', '/create', { backup_name: name, collection_names: [shapes[0]?.collection] })).text,
      ).toContain('success');
    const context = { clock, logger: silentLogger, signal: patience(), onProgress: () => undefined };
    expect(await listHeld(adapters, plan(), context)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: kept, backup: null }),
        expect.objectContaining({ name: old, backup: null }),
      ]),
    );
    const adopted = await adoptHeld(adapters, plan(), [kept, old], context);
    expect(adopted).toMatchObject([
      {
        name: kept,
        plan: 'daily',
        note: expect.stringContaining('Taken over'),
        tool: { adopted: true, unknown: expect.arrayContaining(['rows']) },
      },
      { name: old, committedAt: Date.UTC(2020, 0, 1, 2), proofs: [] },
    ]);
    expect(await adoptHeld(adapters, plan(), [old], context)).toMatchObject([{ id: adopted[1]?.id }]);
    await expect(adoptHeld(adapters, plan(), ['nobody'], context)).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
    const report = (await run('cleanup', { repository: null, dryRun: false })).result as unknown as CleanupOutcome;
    expect(report.removed.map(({ id }) => id)).toContain(adopted[1]?.id);
    expect(await filesOf(old)).toEqual([]);
    expect(await filesOf(kept)).not.toEqual([]);
  }, 60_000);

  it('trap: states are gone after a restart, and an unknown name is answered by an empty success', async () => {
    const backup = await take();
    await server.restart();
    const unknown = await raw('GET', `/get_backup?backup_name=${backup.tool?.name}`);
    expect(unknown).toMatchObject({ status: 200, text: expect.stringContaining('"msg":"success"') });
    expect(unknown.text).not.toContain(backup.tool?.name);
    expect((await run('verify', { repository: 'backups', backup: backup.id, level: 2 })).result).toMatchObject({
      result: 'ok',
      level: 0,
    });
  }, 60_000);

  it('trap: a filter on old names restores nothing and is called a success; ours picks before renaming', async () => {
    const backup = await take();
    const [one] = shapes;
    const body = {
      id: `${prefix}trap`,
      backup_name: backup.tool?.name,
      collection_suffix: '_trap',
      db_collections_after_rename: { default: [one?.collection] },
    };
    expect((await raw('POST', '/restore', body)).text).toContain('"state_code":2');
    const client = adapters.connect(adapters.source('milvus'));
    expect(await client.hasCollection({ database: 'default', collection: `${one?.collection}_trap` })).toBe(false);
    client.close();
    const restored = await run('restore', { ...restoreOf(backup.id, '_one'), collections: [one!.collection] });
    expect(restored.result).toMatchObject({ collections: [{ targetCollection: `${one?.collection}_one` }] });
  }, 120_000);

  it('outlives the death of the server in the middle of a create: one backup, and what was left is told', async () => {
    // By its name: where any engine will do, rows are read instead of waiting for a tool that is away.
    const { id } = await start('backup', { ...backupOf(plan(), 'full'), engine: 'milvus-backup' });
    await until(
      () => service.run(id),
      ({ progress }) => progress.partsTotal > 0,
    );
    await server.restart();
    const backup = outcome(await service.wait(id, patience()));
    const list = (await raw('GET', '/list')).text;
    expect(list.split(`"${backup.id}_`)).toHaveLength(2);
    expect(list).toContain(backup.tool?.name);
  }, 120_000);

  it('outlives the death of the server in the middle of a restore: the rows come once', async () => {
    const backup = await take();
    const { id } = await start('restore', restoreOf(backup.id, '_killed'));
    const client = adapters.connect(adapters.source('milvus'));
    const made = { database: 'default', collection: `${shapes[0]?.collection}_killed` };
    await until(() => client.hasCollection(made), Boolean);
    client.close();
    await server.restart();
    const restored = await service.wait(id, patience());
    expect(restored.error).toBeNull();
    expect(await rowsOf('_killed')).toEqual(await rowsOf(''));
  }, 180_000);
});
