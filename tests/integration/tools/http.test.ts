import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  backupOf,
  composeAdapters,
  createLocalService,
  type Adapters,
  type BackupOutcome,
  type CleanupOutcome,
  type HealthOutcome,
  type JobPayloads,
  type Service,
} from '@milvault/jobs';
import {
  parseConfig,
  silentLogger,
  systemClock,
  type Clock,
  type Config,
  type Run,
  type RunKind,
} from '@milvault/shared';
import { contractTool, send, type ContractTool, type Fault } from '../../support/contract-tool.ts';

const DAY = 24 * 60 * 60 * 1000;
const patience = (): AbortSignal => AbortSignal.timeout(30_000);

/** Real waits, and a calendar that the test turns. */
function turnedClock(): Clock & { days: number } {
  const clock = { ...systemClock, days: 0, now: () => Date.now() + clock.days * DAY };
  return clock;
}

describe("a tool with the original's contract, by the original's file", () => {
  let folder: string;
  let tool: ContractTool;
  let clock: ReturnType<typeof turnedClock>;
  let config: Config;
  let adapters: Adapters;
  let service: Service;

  beforeAll(async () => {
    tool = await contractTool();
  });
  afterAll(() => tool.close());
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'milvault-http-'));
    clock = turnedClock();
    const file = {
      backup_api: tool.api,
      backup_dir: folder,
      retention_days: 7,
      jobs: [
        { type: 'full', time: '02:00', collections: ['documents', 'images'] },
        { type: 'incremental', time: '03:30', collections: ['documents', 'images'] },
      ],
    };
    config = parseConfig(JSON.stringify(file), { env: {}, folder, timeZone: 'UTC' });
    adapters = composeAdapters(config, { clock, logger: silentLogger });
    service = createLocalService(config, { clock, adapters, tuning: { attempts: 2, attemptsByHand: 2, backoffMs: 5 } });
    await adapters.initRepository('backups');
  });
  afterEach(async () => {
    tool.fault = null;
    tool.backups.clear();
    tool.calls.length = 0;
    await service.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function run<K extends RunKind>(kind: K, payload: JobPayloads[K]): Promise<Run> {
    const { id } = await service.start(kind, payload, { trigger: 'test', plan: 'plan-1' });
    return service.wait(id, patience());
  }
  const plan = () => config.plans[0]!;
  const take = async (type: 'full' | 'incremental'): Promise<BackupOutcome> => {
    const { error, result } = await run('backup', backupOf(plan(), type));
    expect(error).toBeNull();
    return result as unknown as BackupOutcome;
  };
  const failOf = async (type: 'full' | 'incremental' = 'full') => (await run('backup', backupOf(plan(), type))).error;
  const names = () => [...tool.backups.keys()].sort();
  const on =
    (method: string, end: string, fault: Fault): Fault =>
    (call, response) =>
      call.method === method && call.path.endsWith(end) && fault(call, response);

  it('takes a full, checks it, and records what the tool said and no more', async () => {
    const backup = await take('full');
    expect(backup).toMatchObject({
      name: expect.stringMatching(/^full_\d{8}_\d{6}$/),
      type: 'full',
      engine: 'http',
      rows: 1_234,
      bytes: { own: 56_789, total: 56_789 },
      consistency: 'fuzzy',
      tool: { api: tool.api, name: backup.name, unknown: ['collections'] },
      proofs: [{ level: 0, result: 'ok', by: `the tool at ${tool.api}` }],
      source: { serverVersion: 'unknown' },
    });
    expect(backup.collections.map(({ collection }) => collection)).toEqual(['documents', 'images']);
    expect(backup.warnings.map(({ code }) => code)).toEqual(['TOOL_KEEPS_DATA']);
    expect(tool.calls.filter(({ path: at }) => at.endsWith('create'))).toEqual([
      {
        method: 'POST',
        path: '/api/v1/backup/create',
        body: { backup_name: backup.name, collections: ['documents', 'images'], compression: true },
      },
    ]);
  });

  it('takes incrementals on the newest full, and a full that says why where there is none', async () => {
    const first = await take('incremental');
    expect(first).toMatchObject({ type: 'full', note: expect.stringContaining('a full was taken') });
    clock.days = 1;
    const second = await take('incremental');
    clock.days = 2;
    const third = await take('incremental');
    expect([second, third]).toMatchObject([
      { type: 'incremental', base: first.id, name: expect.stringMatching(/^incr_/) },
      { type: 'incremental', base: first.id },
    ]);
    expect(tool.calls.findLast(({ path: at }) => at.endsWith('create'))?.body).toEqual({
      backup_name: third.name,
      collections: ['documents', 'images'],
      compression: true,
      base_backup: first.name,
      incremental: true,
    });
  });

  it('cleans up by age, at the tool first, and never a full that a kept incremental needs', async () => {
    const full = await take('full');
    clock.days = 6;
    const incremental = await take('incremental');
    clock.days = 8;
    expect((await run('cleanup', { repository: null, dryRun: false })).result).toMatchObject({ removed: [] });
    expect(names()).toEqual([full.name, incremental.name].sort());
    clock.days = 9;
    const next = await take('full');
    clock.days = 14;
    // Down: nothing goes from the record that is not gone there.
    tool.fault = on('DELETE', '/delete', (_call, response) => (send(response, 500, 'down'), true));
    const failed = (await run('cleanup', { repository: null, dryRun: false })).result as unknown as CleanupOutcome;
    expect(failed.failed.map(({ id }) => id)).toEqual([incremental.id]);
    expect(failed.kept.map(({ id }) => id)).toContain(full.id);
    expect(await service.backups({})).toHaveLength(3);
    tool.fault = null;
    const done = (await run('cleanup', { repository: null, dryRun: false })).result as unknown as CleanupOutcome;
    expect(done.removed.map(({ id }) => id)).toEqual([incremental.id, full.id]);
    expect(names()).toEqual([next.name]);
    expect((await service.backups({})).map(({ id }) => id)).toEqual([next.id]);
  });

  it('makes one backup of a create whose answer was lost, and of one that is asked again', async () => {
    let lost = 0;
    tool.fault = on('POST', '/create', ({ body }, response) => {
      if (lost++ > 0) return false;
      tool.backups.set(String(body['backup_name']), { collections: [], base: null, valid: true });
      response.destroy();
      return true;
    });
    const backup = await take('full');
    expect(names()).toEqual([backup.name]);
    expect(backup).toMatchObject({ rows: 0, tool: { unknown: ['rows', 'bytes', 'collections'] } });
    expect(backup.warnings.map(({ code }) => code)).toContain('TOOL_ANSWER_LOST');
  });

  it('takes another base, or a full, where the tool no longer has the base', async () => {
    const full = await take('full');
    clock.days = 1;
    tool.backups.delete(full.name);
    const next = await take('incremental');
    expect(next).toMatchObject({ type: 'full', base: null, note: expect.stringContaining('damaged') });
    expect((await service.backup(full.id)).proofs).toContainEqual(expect.objectContaining({ result: 'damaged' }));
  });

  it('tells of a record whose backup the tool has lost, and lets it be deleted', async () => {
    const full = await take('full');
    clock.days = 1;
    await take('full');
    tool.backups.delete(full.name);
    const checked = await run('verify', { repository: 'backups', backup: full.id, level: 2 });
    expect(checked.result).toMatchObject({ result: 'damaged', level: 0, damages: [{ code: 'OBJECT_MISSING' }] });
    await service.removeBackup(full.id);
    expect(await service.backups({})).toHaveLength(1);
  });

  it('does not call a backup good that the tool does not find valid', async () => {
    tool.fault = on('POST', '/verify', ({ body }, response) => {
      const entry = tool.backups.get(String(body['backup_name']));
      if (entry === undefined) return false;
      send(response, 200, { code: 0, data: { is_valid: false } });
      return true;
    });
    expect(await failOf()).toMatchObject({ code: 'BACKUP_DAMAGED', message: expect.stringContaining('not valid') });
    const [record] = await service.backups({});
    expect(record?.proofs).toMatchObject([{ level: 0, result: 'damaged' }]);
  });

  it('keeps two backups of one second apart', async () => {
    const at = Date.now();
    const still = { ...clock, now: () => at };
    const other = createLocalService(config, {
      clock: still,
      adapters: composeAdapters(config, { clock: still, logger: silentLogger }),
      tuning: { attempts: 1, attemptsByHand: 1 },
    });
    const start = async (collections: string[]) => {
      const { id } = await other.start(
        'backup',
        { ...backupOf(plan(), 'full'), collections },
        { trigger: 't', plan: null },
      );
      return other.wait(id, patience());
    };
    const [first, second] = [await start(['documents']), await start(['images'])];
    expect(first.error).toBeNull();
    expect(second.error).toMatchObject({ code: 'BACKUP_ABORTED' });
    // Giving the second up has not touched the first.
    expect(names()).toEqual([(first.result as unknown as BackupOutcome).name]);
    await other.close();
  });

  const html = (response: Parameters<Fault>[1]) => (send(response, 200, '<html>hello</html>'), true);
  it.each<[string, Fault, string]>([
    ['HTML', (_call, response) => html(response), 'TOOL_ANSWER_INVALID'],
    ['a wrong envelope', (_call, response) => (send(response, 200, { ok: true }), true), 'TOOL_ANSWER_INVALID'],
    ['a code that is text', (_call, response) => (send(response, 200, { code: '0' }), true), 'TOOL_ANSWER_INVALID'],
    [
      'a redirect',
      (_call, response) => (response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), true),
      'TOOL_ANSWER_INVALID',
    ],
    [
      '500 again and again',
      (_call, response) => (send(response, 500, 'Internal Server Error'), true),
      'TOOL_UNREACHABLE',
    ],
    [
      'a code that is not 0',
      (_call, response) => (send(response, 200, { code: 3, message: 'disk full' }), true),
      'TOOL_REFUSED',
    ],
    [
      'half an answer',
      (_call, response) => (response.writeHead(200, { 'content-length': 99 }).write('{"co'), response.destroy(), true),
      'TOOL_UNREACHABLE',
    ],
  ])('a create that is answered by %s fails with the reason and leaves no record', async (_what, fault, code) => {
    tool.fault = on('POST', '/create', fault);
    expect(await failOf()).toMatchObject({ code });
    expect(await service.backups({})).toEqual([]);
  });

  it('records a success without data as that: numbers that were not given are not known', async () => {
    tool.fault = on('POST', '/create', ({ body }, response) => {
      tool.backups.set(String(body['backup_name']), { collections: [], base: null, valid: true });
      send(response, 200, { code: 0, unknown_field: 'x' });
      return true;
    });
    const backup = await take('full');
    expect(backup).toMatchObject({ tool: { unknown: ['rows', 'bytes', 'collections'] } });
    expect(backup.warnings.map(({ code }) => code)).toContain('TOOL_NUMBERS_MISSING');
  });

  it('a verify without its word is no check: the run fails and says so', async () => {
    tool.fault = on('POST', '/verify', ({ body }, response) => {
      if (!tool.backups.has(String(body['backup_name']))) return false;
      send(response, 200, { code: 0, data: { is_valid: 'yes' } });
      return true;
    });
    expect(await failOf()).toMatchObject({ code: 'TOOL_ANSWER_INVALID' });
    expect((await service.backups({}))[0]?.proofs).toMatchObject([{ level: 0, result: 'ok' }]);
  });

  it('a delete that the tool only says it did is no delete', async () => {
    const full = await take('full');
    clock.days = 1;
    await take('full');
    tool.fault = on('DELETE', '/delete', (_call, response) => (send(response, 200, { code: 0 }), true));
    await expect(service.removeBackup(full.id)).rejects.toMatchObject({ code: 'TOOL_REFUSED' });
    expect(await service.backups({})).toHaveLength(2);
  });

  it('refuses what the tool cannot do, before anything is touched', async () => {
    const { id } = await take('full');
    const restore = { target: 'milvus', collections: [], partitions: [], suffix: null, rename: {}, aliases: false };
    for (const refused of [
      await run('restore', { repository: 'backups', backup: id, ...restore }),
      await run('drill', { repository: 'backups', backup: id, target: null }),
    ])
      expect(refused.error).toMatchObject({ code: 'OPTION_UNSUPPORTED' });
  });

  it('health finds the tool well, and tells when the plan has no good backup', async () => {
    const before = (await run('health', {})).result as unknown as HealthOutcome;
    expect(before.findings.find(({ check }) => check === 'source')).toMatchObject({ ok: true });
    expect(before.findings.find(({ check }) => check === 'backup-age')).toMatchObject({ ok: false });
    await take('full');
    const after = (await run('health', {})).result as unknown as HealthOutcome;
    expect(after.findings.find(({ check }) => check === 'backup-age')).toMatchObject({ ok: true });
  });
});
