import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectTool } from '@milvault/engines';
import { adoptHeld, backupOf, listHeld, type CleanupOutcome } from '@milvault/jobs';
import { silentLogger, type RestoreReport } from '@milvault/shared';
import { until } from '../../support/jobs/redis-house.ts';
import { officialStage, outcomeOf, patience, type OfficialStage } from '../../support/official-stage.ts';

describe('the official milvus-backup server on Milvus 2.3.5', () => {
  let at: OfficialStage;
  beforeAll(async () => {
    at = await officialStage();
  }, 200_000);
  afterAll(() => at.close());

  it('is found out', async () => {
    expect(await detectTool(at.server.api, patience())).toEqual({ kind: 'milvus-backup' });
  });

  it('takes a full, lists it, and restores it under new names, equal row by row', async () => {
    const saved = await at.run('backup', backupOf(at.plan, 'full'));
    const backup = outcomeOf(saved);
    expect(saved.progress.bytes).toBe(backup.bytes.own);
    expect(backup).toMatchObject({
      name: expect.stringMatching(/^full_\d{8}_\d{6}$/),
      engine: 'milvus-backup',
      rows: at.shapes.reduce((sum, { rows }) => sum + rows, 0),
      tool: { api: at.server.api, name: backup.name, key: `${backup.id}_1`, unknown: [] },
      proofs: [{ level: 0, result: 'ok', by: expect.stringContaining('still lists') }],
    });
    expect(backup.bytes.own).toBeGreaterThan(0);
    const started = await at.start('restore', at.restoreOf(backup.id, '_back'));
    const seen: number[] = [];
    const restored = await at.service.wait(started.id, patience(), ({ rows }) => seen.push(rows));
    expect(seen.at(-1)).toBe(backup.rows);
    expect(restored.error).toBeNull();
    const report = restored.result as unknown as RestoreReport;
    for (const one of report.collections)
      expect(one).toMatchObject({ contentEqual: false, rowsRestored: one.rowsExpected });
    expect(await at.rowsOf('_back')).toEqual(await at.rowsOf(''));
    expect((await at.run('restore', at.restoreOf(backup.id, '_back'))).error).toMatchObject({ code: 'TARGET_EXISTS' });
  }, 300_000);

  it('stores a planned incremental as a full, and says why', async () => {
    at.clock.days = 1;
    expect(await at.take('incremental')).toMatchObject({
      type: 'full',
      base: null,
      note: expect.stringContaining('the engine milvus-backup takes no incrementals'),
    });
  }, 300_000);

  it('retention deletes at the server, and in its storage', async () => {
    at.clock.days = 10;
    const [old] = (await at.service.backups({})).slice(-1);
    await at.take();
    const report = (await at.run('cleanup', { repository: null, dryRun: false })).result as unknown as CleanupOutcome;
    expect(report.removed.map(({ id }) => id)).toContain(old?.id);
    expect(await at.filesOf(old?.tool?.name ?? '')).toEqual([]);
  }, 300_000);

  it('is told as damaged where the server has lost it', async () => {
    const { id, tool } = await at.take();
    await rm(path.join(at.server.store, tool?.name ?? ''), { recursive: true });
    const checked = await at.run('verify', { repository: 'backups', backup: id, level: 2 });
    expect(checked.result).toMatchObject({ result: 'damaged', level: 0, damages: [{ code: 'OBJECT_MISSING' }] });
  }, 300_000);

  it('takes over what the server held before, once, and retention judges it by the age that its name tells', async () => {
    const [kept, old] = ['someone_elses', 'full_20200101_020000'] as const;
    for (const name of [kept, old])
      expect(
        (await at.raw('POST', '/create', { backup_name: name, collection_names: [at.shapes[0]?.collection] })).text,
      ).toContain('success');
    const context = { clock: at.clock, logger: silentLogger, signal: patience(), onProgress: () => undefined };
    expect(await listHeld(at.adapters, at.plan, context)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: kept, backup: null }),
        expect.objectContaining({ name: old, backup: null }),
      ]),
    );
    const adopted = await adoptHeld(at.adapters, at.plan, [kept, old], context);
    expect(adopted).toMatchObject([
      {
        name: kept,
        plan: 'daily',
        note: expect.stringContaining('Taken over'),
        tool: { adopted: true, unknown: expect.arrayContaining(['rows']) },
      },
      { name: old, committedAt: Date.UTC(2020, 0, 1, 2), proofs: [] },
    ]);
    expect(await adoptHeld(at.adapters, at.plan, [old], context)).toMatchObject([{ id: adopted[1]?.id }]);
    await expect(adoptHeld(at.adapters, at.plan, ['nobody'], context)).rejects.toMatchObject({
      code: 'BACKUP_NOT_FOUND',
    });
    const report = (await at.run('cleanup', { repository: null, dryRun: false })).result as unknown as CleanupOutcome;
    expect(report.removed.map(({ id }) => id)).toContain(adopted[1]?.id);
    expect(await at.filesOf(old)).toEqual([]);
    expect(await at.filesOf(kept)).not.toEqual([]);
  }, 300_000);

  it('is cancelled in the middle of a create: nothing is listed of it, and the next one is well', async () => {
    const lists = async () => {
      const { data } = JSON.parse((await at.raw('GET', '/list')).text) as { data: unknown };
      return [await at.service.backups({}), data];
    };
    const before = await lists();
    const { id } = await at.start('backup', { ...backupOf(at.plan, 'full'), engine: 'milvus-backup' });
    await until(
      () => at.service.run(id),
      ({ progress }) => progress.partsTotal > 0,
    );
    await at.service.cancel(id);
    expect(await at.service.wait(id, patience())).toMatchObject({ state: 'cancelled' });
    expect(await lists()).toEqual(before);
    const next = await at.take();
    expect(await at.filesOf(next.tool?.name ?? '')).not.toEqual([]);
  }, 300_000);

  it('outlives the death of the server in the middle of a create: one backup, and what was left is told', async () => {
    // By its name: where any engine will do, rows are read instead of waiting for a tool that is away.
    const { id } = await at.start('backup', { ...backupOf(at.plan, 'full'), engine: 'milvus-backup' });
    await until(
      () => at.service.run(id),
      ({ progress }) => progress.partsTotal > 0,
    );
    await at.server.restart();
    const backup = outcomeOf(await at.service.wait(id, patience()));
    const list = (await at.raw('GET', '/list')).text;
    expect(list.split(`"${backup.id}_`)).toHaveLength(2);
    expect(list).toContain(backup.tool?.name);
  }, 300_000);

  it('outlives the death of the server in the middle of a restore: the rows come once', async () => {
    const backup = await at.take();
    const { id } = await at.start('restore', at.restoreOf(backup.id, '_killed'));
    const client = at.adapters.connect(at.adapters.source('milvus'));
    const made = { database: 'default', collection: `${at.shapes[0]?.collection}_killed` };
    await until(() => client.hasCollection(made), Boolean);
    client.close();
    await at.server.restart();
    const restored = await at.service.wait(id, patience());
    expect(restored.error).toBeNull();
    expect(await at.rowsOf('_killed')).toEqual(await at.rowsOf(''));
  }, 300_000);
});
