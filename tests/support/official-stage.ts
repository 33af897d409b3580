import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  backupOf,
  composeAdapters,
  createLocalService,
  type Adapters,
  type BackupOutcome,
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
import { expect } from 'vitest';
import { officialServer, type OfficialServer } from './official-server.ts';
import { servers } from './servers.ts';
import { dropShapes, dumpAll, makeShapes, ownPrefix, type Shape } from './shapes.ts';

export const DAY = 24 * 60 * 60 * 1000;

/** Milvus 2.3.5 imports one small file after the other, each in seconds; beside other tests it takes minutes. */
export const patience = (): AbortSignal => AbortSignal.timeout(280_000);

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/** The official server as the tool of a plan `daily`, some collections on its Milvus, and jobs in this process. */
export interface OfficialStage {
  readonly server: OfficialServer;
  readonly config: Config;
  readonly adapters: Adapters;
  readonly service: Service;
  /** It runs ahead of the true time by so many days. */
  readonly clock: Clock & { days: number };
  readonly prefix: string;
  readonly shapes: readonly Shape[];
  readonly plan: Config['plans'][number];
  start<K extends RunKind>(kind: K, payload: JobPayloads[K]): Promise<Run>;
  run<K extends RunKind>(kind: K, payload: JobPayloads[K]): Promise<Run>;
  take(type?: 'full' | 'incremental'): Promise<BackupOutcome>;
  restoreOf(backup: string, suffix: string): JobPayloads['restore'];
  /** By the oracle, of the collections with this suffix. */
  rowsOf(suffix: string): Promise<readonly unknown[]>;
  /** What the server itself answers, digit by digit. */
  raw(method: string, at: string, body?: object, headers?: object): Promise<RawAnswer>;
  /** Names of the files of one of its backups. Its empty folders stay where the storage is a local one. */
  filesOf(name: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Of a backup that must have gone well. */
export function outcomeOf(ended: Run): BackupOutcome {
  expect(ended.error).toBeNull();
  // A run that ended well bears what its job answers.
  return ended.result as unknown as BackupOutcome;
}

/** A backup by this clock, under the name that the plan gives it. */
export const nameAt = (at: number): string =>
  `full_${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '_')}`;

export async function officialStage(): Promise<OfficialStage> {
  const clock = { ...systemClock, days: 0, now: () => Date.now() + clock.days * DAY };
  const prefix = ownPrefix();
  const server = await officialServer();
  const folder = await mkdtemp(path.join(tmpdir(), 'milvault-official-stage-'));
  const { shapes } = await makeShapes(servers().milvus, prefix, ['int_keys', 'text_keys']);
  const config = configOf(server.api, folder, shapes);
  const adapters = composeAdapters(config, { clock, logger: silentLogger });
  const tuning = { attempts: 6, attemptsByHand: 6, backoffMs: 300 };
  const service = createLocalService(config, { clock, adapters, tuning });
  await adapters.initRepository('backups');
  const [plan] = config.plans;
  if (plan === undefined) throw new Error('the plan of this stage is not in its configuration');

  const start: OfficialStage['start'] = (kind, payload) =>
    service.start(kind, payload, { trigger: 'test', plan: plan.name });
  const run: OfficialStage['run'] = async (kind, payload) => service.wait((await start(kind, payload)).id, patience());
  return {
    server,
    config,
    adapters,
    service,
    clock,
    prefix,
    shapes,
    plan,
    start,
    run,
    take: async (type = 'full') => outcomeOf(await run('backup', backupOf(plan, type))),
    restoreOf: (backup, suffix) => ({
      repository: 'backups',
      backup,
      target: 'milvus',
      collections: [],
      partitions: [],
      suffix,
      rename: {},
      aliases: false,
    }),
    rowsOf: async (suffix) => {
      const refs = shapes.map(({ database, collection }) => ({ database, collection: collection + suffix }));
      return (await dumpAll(servers().milvus, refs)).map(({ rows }) => rows);
    },
    raw: async (method, at, body, headers = {}) => {
      const json = body === undefined ? {} : { body: JSON.stringify(body) };
      const asked = { method, headers: { 'content-type': 'application/json', ...headers }, ...json };
      const answer = await fetch(`${server.api}${at}`, asked);
      return { status: answer.status, text: await answer.text() };
    },
    filesOf: async (name) => {
      const all = await readdir(path.join(server.store, name), { recursive: true, withFileTypes: true }).catch(
        () => [],
      );
      return all.filter((one) => one.isFile()).map((one) => one.name);
    },
    close: async () => {
      await service.close();
      await server.close();
      await dropShapes(servers().milvus, prefix);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configOf(api: string, folder: string, shapes: readonly Shape[]): Config {
  const plan = {
    name: 'daily',
    source: 'milvus',
    repository: 'backups',
    collections: shapes.map(({ collection }) => collection),
    full: '02:00',
    incremental: '03:30',
    retention: { days: 7 },
  };
  const config = {
    sources: [{ name: 'milvus', address: servers().milvus, tool: api }],
    repositories: [{ name: 'backups', place: path.join(folder, 'repo') }],
    plans: [plan],
  };
  return parseConfig(JSON.stringify(config), { env: {}, folder, timeZone: 'UTC' });
}
