import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  BACKUP_DEFAULTS,
  composeAdapters,
  createLocalService,
  JOBS,
  type BackupOutcome,
  type BackupPayload,
  type Service,
} from '@milvault/jobs';
import { createMilvusClient } from '@milvault/milvus';
import { openRepository } from '@milvault/repository';
import { silentLogger, systemClock, type Config, type Run } from '@milvault/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addressOf } from '../../support/engine-run.ts';
import { configOf, openTestHouse, type TestHouse } from '../../support/jobs/redis-house.ts';
import { ask } from '../../support/oracle/ask.ts';
import { servers } from '../../support/servers.ts';
import { dropShapes, ownPrefix } from '../../support/shapes.ts';

const RUNNERS = ['in this process', 'over Redis'] as const;
const ROWS = 400;
const MARK = 16;

describe('an incremental whose base is not what it was, on Milvus Lite', () => {
  const { lite, milvus } = servers();
  const prefix = ownPrefix();
  const collection = `${prefix}_films`;
  let folder: string;
  let config: Config;
  let house: TestHouse;
  let services: Record<(typeof RUNNERS)[number], Service>;
  let repository = '';
  let made = 0;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'milvault-incremental-'));
    const names = Array.from({ length: 12 }, (_, i) => `repo${String(i)}`);
    config = configOf({
      sources: [
        { name: 'lite', ...addressOf(lite), storage: null },
        { name: 'milvus', ...addressOf(milvus), storage: null },
      ],
      repositories: names.map((name) => ({ name, place: path.join(folder, name), access: null })),
    });
    const adapters = composeAdapters(config, { clock: systemClock, logger: silentLogger });
    for (const name of names) await adapters.initRepository(name);
    house = await openTestHouse({ ...config });
    const remote = await house.service({ jobs: JOBS });
    await house.worker({ jobs: JOBS });
    services = { 'in this process': createLocalService(config), 'over Redis': remote };
    await ask('growth', ['make', lite, collection, String(ROWS), '8']);
  });
  beforeEach(() => {
    repository = `repo${String(made++)}`;
  });
  afterAll(async () => {
    await services['in this process'].close();
    await house.close();
    await Promise.all([lite, milvus].map((server) => dropShapes(server, prefix)));
    await rm(folder, { recursive: true, force: true });
  });

  const run = async (service: Service, extra: Partial<BackupPayload>): Promise<Run> => {
    const payload: BackupPayload = {
      ...BACKUP_DEFAULTS,
      source: 'lite',
      repository,
      collections: [collection],
      type: 'incremental',
      engine: 'auto',
      plan: null,
      verify: 2,
      ...extra,
    };
    const { id } = await service.start('backup', payload, { trigger: 'api', plan: null });
    return service.wait(id, AbortSignal.timeout(60_000));
  };
  const take = async (service: Service, extra: Partial<BackupPayload> = {}): Promise<BackupOutcome> => {
    const ended = await run(service, extra);
    expect(ended).toMatchObject({ state: 'succeeded', error: null });
    // The result of a backup is its outcome; a run holds it as plain JSON.
    return ended.result as unknown as BackupOutcome;
  };
  const spoilChunkOf = async (id: string): Promise<void> => {
    const files = await readdir(path.join(folder, repository), { recursive: true });
    const chunk = files.find((file) => file.includes(id) && file.endsWith('.parquet')) ?? '';
    const bytes = await readFile(path.join(folder, repository, chunk));
    bytes.writeUInt8(bytes.readUInt8(MARK) ^ 1, MARK);
    await rm(path.join(folder, repository, chunk));
    await writeFile(path.join(folder, repository, chunk), bytes);
  };

  it.each(RUNNERS)('%s: an altered file is found, never borrowed again, and a full is taken', async (runner) => {
    const service = services[runner];
    const first = await take(service, { type: 'full' });
    await spoilChunkOf(first.id);

    const second = await take(service);
    expect(second).toMatchObject({ type: 'full', base: null, verify: { result: 'ok' } });
    expect(second.note).toContain('damaged');
    expect((await service.backup(first.id)).proofs).toContainEqual(
      expect.objectContaining({ level: 2, result: 'damaged' }),
    );
    expect(await take(service)).toMatchObject({ type: 'incremental', base: second.id });
  });

  it.each(RUNNERS)('%s: a base that was deleted is not missed: the one before it is taken', async (runner) => {
    const service = services[runner];
    const first = await take(service, { type: 'full' });
    const second = await take(service, { type: 'full' });
    await service.removeBackup(second.id, repository);
    expect(await take(service)).toMatchObject({ type: 'incremental', base: first.id, bytes: { own: 0 } });
  });

  it('a collection with another schema under the same name is read whole, and the backup says so', async () => {
    const service = services['in this process'];
    const name = `${prefix}_other`;
    const client = createMilvusClient(addressOf(lite), { clock: systemClock });
    await ask('growth', ['make', lite, name, String(ROWS), '8']);
    await take(service, { type: 'full', collections: [name, collection] });
    await client.drop({ database: 'default', collection: name });
    await ask('growth', ['make', lite, name, String(ROWS), '16']);
    client.close();

    const backup = await take(service, { collections: [name, collection] });
    expect(backup.type).toBe('incremental');
    expect(backup.note).toContain(`${name} (its schema changed)`);
    const [films, other] = [...backup.collections].sort((a, b) => (a.collection < b.collection ? -1 : 1));
    expect(films).toMatchObject({ ownBytes: 0, changes: { added: 0, changed: 0, deleted: 0 } });
    expect(other?.ownBytes).toBe(other?.bytes);
    expect(other?.changes).toBeUndefined();
    const report = await (
      await openRepository(path.join(folder, repository), { clock: systemClock })
    ).verify(backup.id, { level: 3 });
    expect(report).toMatchObject({ result: 'ok', rows: 2 * ROWS });
  });

  it('a backup that would be worth less than was asked for is not taken, where Milvus can prove more it is', async () => {
    const service = services['in this process'];
    const refused = await run(service, { type: 'full', consistency: 'proved-still' });
    expect(refused).toMatchObject({ state: 'failed', attempts: 1, error: { code: 'SOURCE_UNSUPPORTED' } });
    expect(await service.backups({ repository })).toEqual([]);

    await ask('growth', ['make', milvus, collection, String(ROWS), '8']);
    const proved = await take(service, { type: 'full', source: 'milvus', consistency: 'proved-still' });
    expect(proved.consistency).toBe('proved-still');
  });
});
