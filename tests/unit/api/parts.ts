import type { CatalogEvent, Token } from '@milvault/catalog';
import type { ApiParts } from '../../../apps/api/src/parts.ts';
import { buildApp } from '../../../apps/api/src/app.ts';
import {
  fail,
  parseConfig,
  secret,
  silentLogger,
  systemClock,
  type AuditEntry,
  type Backup,
  type Config,
  type Run,
} from '@milvault/shared';

/** The app over parts that need no server: for what the app does by itself. */
export interface Bench {
  readonly parts: ApiParts;
  readonly started: { kind: string; payload: unknown; plan: string | null }[];
  readonly removed: string[];
}

export const TOKEN = 'correct-horse-battery-staple';

const CONFIG = {
  sources: [{ name: 'shop', address: '127.0.0.1:19530', token: 'root:Milvus-secret' }],
  repositories: [{ name: 'main', place: '/backups/main' }],
  plans: [{ name: 'daily', source: 'shop', repository: 'main', full: '0 2 * * 0', incremental: '30 1 * * *' }],
  channels: [{ kind: 'slack', name: 'ops', webhook: 'https://hooks.example.com/T0/secret-part' }],
};

export function config(change: Partial<Config['api']> = {}): Config {
  const parsed = parseConfig(JSON.stringify(CONFIG), { env: {}, folder: '/', timeZone: 'UTC' });
  return { ...parsed, api: { ...parsed.api, ...change } };
}

export const withToken = (): Config => config({ adminToken: secret(TOKEN) });

export const backup = (change: Partial<Backup> = {}): Backup => ({
  id: '01kaq8h5v0000000000000000a',
  name: 'full_20261122_020000',
  type: 'full',
  engine: 'rows',
  status: 'complete',
  base: null,
  repository: 'main',
  source: { id: '00000000000000000000000000', address: '127.0.0.1:19530', serverVersion: '2.3.5' },
  plan: 'daily',
  collections: [{ database: 'default', collection: 'films', rows: 10, bytes: 1000 }],
  rows: 10,
  bytes: { own: 1000, total: 1000 },
  consistency: 'fuzzy',
  startedAt: 1_795_312_800_000,
  committedAt: 1_795_312_801_000,
  durationMs: 1000,
  warnings: [],
  proofs: [{ level: 2, result: 'ok', at: 1_795_312_802_000 }],
  note: null,
  ...change,
});

export const run = (change: Partial<Run> = {}): Run => ({
  id: 'run-1',
  kind: 'backup',
  state: 'queued',
  plan: null,
  trigger: 'api',
  request: {},
  progress: { phase: 'plan', partsDone: 0, partsTotal: 0, rows: 0, rowsTotal: 0, bytes: 0 },
  attempts: 0,
  queuedAt: 1_795_312_800_000,
  startedAt: null,
  endedAt: null,
  result: null,
  error: null,
  ...change,
});

/** A service that keeps what it is asked for in memory: runs start, none is ever done. */
function memoryService(bench: Pick<Bench, 'started' | 'removed'>, backups: readonly Backup[]): ApiParts['service'] {
  const find = (idOrName: string): Backup => {
    const found = backups.find((one) => one.id === idOrName || one.name === idOrName);
    if (found === undefined) throw fail('BACKUP_NOT_FOUND', { what: `There is no backup ${JSON.stringify(idOrName)}` });
    return found;
  };
  const known = (id: string): Run => {
    if (id !== 'run-1') throw fail('RUN_NOT_FOUND', { what: `There is no run ${JSON.stringify(id)}` });
    return run();
  };
  return {
    start: (kind, payload, options) => {
      bench.started.push({ kind, payload, plan: options.plan });
      return Promise.resolve(run({ kind, plan: options.plan, request: { ...payload } }));
    },
    run: async (id) => known(id),
    runs: async () => ({ runs: [run()], total: 1 }),
    logs: async (id) => [`log of ${known(id).id}`],
    cancel: async (id) => known(id),
    wait: async (id, _signal, onProgress) => {
      onProgress?.({ ...known(id).progress, rows: 5, rowsTotal: 10 });
      await Promise.resolve();
      return run({ state: 'succeeded', startedAt: 1, endedAt: 2 });
    },
    survey: async ({ plan }) => ({
      backups: backups.filter((one) => plan === undefined || one.plan === plan),
      unread: [],
    }),
    backups: async ({ plan }) => backups.filter((one) => plan === undefined || one.plan === plan),
    backup: async (idOrName) => find(idOrName),
    removeBackup: async (idOrName) => void bench.removed.push(find(idOrName).id),
    holdBackup: async (idOrName, reason) => ({ ...find(idOrName), hold: { at: 5, reason } }),
    releaseBackup: async (idOrName) => find(idOrName),
    close: () => Promise.resolve(),
  };
}

/** Tokens and audit log as the catalog keeps them, for one process. */
function memoryAccess(): Pick<ApiParts, 'tokens' | 'audit'> {
  const tokens = new Map<string, Token>();
  const entries: AuditEntry[] = [];
  return {
    tokens: {
      add: async (token) => !tokens.has(token.name) && tokens.set(token.name, { ...token, usedAt: null }).size > 0,
      find: async (name) => tokens.get(name) ?? null,
      findByHash: async (hash) => [...tokens.values()].find((token) => token.hash === hash) ?? null,
      touch: () => Promise.resolve(),
      list: async () => [...tokens.values()],
      remove: async (name) => tokens.delete(name),
    },
    audit: {
      note: async (entry) => void entries.unshift({ ...entry, id: `${String(entries.length + 1)}-0` }),
      page: async ({ limit }) => ({ entries: entries.slice(0, limit), next: null }),
    },
  };
}

const unreachable = (what: string) => (): never => {
  throw fail('SOURCE_UNREACHABLE', { what });
};

/** Follows nothing until it is stopped, as a quiet system does. */
async function* quiet(_last: string | null, signal: AbortSignal): AsyncGenerator<CatalogEvent> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  yield* [];
}

export function bench(change: Partial<ApiParts> = {}, backups: readonly Backup[] = [backup()]): Bench {
  const kept = { started: [], removed: [] };
  const parts: ApiParts = {
    config: config(),
    clock: systemClock,
    logger: silentLogger,
    version: '9.9.9',
    service: memoryService(kept, backups),
    queues: [],
    channels: [],
    ...memoryAccess(),
    ping: () => Promise.resolve(),
    workers: async () => [{ name: 'host:1', queues: ['runs'] }],
    openIncidents: async () => 0,
    incidents: async () => ({ incidents: [], total: 0 }),
    page: null,
    follow: quiet,
    inspect: unreachable('nothing listens there'),
    listHeld: unreachable('no tool in this bench'),
    adoptHeld: unreachable('no tool in this bench'),
    checkRestore: unreachable('nothing listens there'),
    repository: unreachable('no repository in this bench'),
    initRepository: unreachable('no repository in this bench'),
    probeRepository: unreachable('no repository in this bench'),
    ...change,
  };
  return { parts, ...kept };
}

export const LOCAL = { host: 'localhost:8787' };

/** Builds the app, runs the body, closes the app. */
export async function withApp<T>(
  parts: ApiParts,
  use: (app: Awaited<ReturnType<typeof buildApp>>) => Promise<T>,
): Promise<T> {
  const app = await buildApp(parts);
  try {
    return await use(app);
  } finally {
    await app.close();
  }
}
