import {
  isMilvaultError,
  type AuditPage,
  type Backup,
  type Clock,
  type InspectionView,
  type PlanView,
  type ProbeReport,
  type Progress,
  type RepositoryView,
  type Run,
  type TokenMade,
  type TokenView,
  type Unread,
} from '@milvault/shared';
import type { Backend } from '../backend.ts';
import { onlyOne } from '../choose.ts';
import { apiPath, createCall, type ApiAddress, type Call } from './call.ts';
import { openHttpExport } from './export.ts';

/** Rarely enough to cost nothing, often enough for a bar that moves. */
const POLL_MS = 250;
/** So long may the API be away (a restart, an upgrade) while a run is waited for: the run goes on without it. */
const AWAY_MS = 60_000;
const PAGE = 500;

/** The {@link Backend} over the REST API. */
export function createHttpBackend(address: ApiAddress, clock: Clock): Backend {
  const call = createCall(address);
  return {
    start: (kind, request) => call<Run>('POST', apiPath('runs', kind), { body: request }),
    run: (id) => call<Run>('GET', apiPath('runs', id)),
    runs: (filter) => call<{ runs: Run[]; total: number }>('GET', apiPath('runs'), { query: { ...filter } }),
    logs: async (id) => (await call<{ lines: string[] }>('GET', apiPath('runs', id, 'logs'))).lines,
    cancel: (id) => call<Run>('POST', apiPath('runs', id, 'cancel')),
    wait: (id, signal, onProgress) => waitFor(call, clock, id, signal, onProgress),
    backups: async (filter) => (await allBackups(call, filter)).backups,
    survey: (filter) => allBackups(call, filter),
    backup: (idOrName, repository) => call<Backup>('GET', apiPath('backups', idOrName), { query: { repository } }),
    removeBackup: async (idOrName, repository) => {
      await call('DELETE', apiPath('backups', idOrName), { query: { repository } });
    },
    holdBackup: (idOrName, reason, repository) =>
      call<Backup>('PUT', apiPath('backups', idOrName, 'hold'), { query: { repository }, body: { reason } }),
    releaseBackup: (idOrName, repository) =>
      call<Backup>('DELETE', apiPath('backups', idOrName, 'hold'), { query: { repository } }),
    inspect: async (source, collections) =>
      call<InspectionView>('GET', apiPath('sources', source ?? (await onlySource(call)), 'inspect'), {
        query: { collections: collections.length === 0 ? undefined : collections.join(',') },
      }),
    repository: async (name) =>
      call<RepositoryView>('GET', apiPath('repositories', name ?? (await onlyRepository(call)))),
    initRepository: (name) => call<RepositoryView>('POST', apiPath('repositories'), { body: { repository: name } }),
    probeRepository: async (name) =>
      call<ProbeReport>('POST', apiPath('repositories', name ?? (await onlyRepository(call)), 'probe')),
    openExport: (idOrName, repository) => openHttpExport(address, call, idOrName, repository),
    plans: async () => (await call<{ plans: PlanView[] }>('GET', apiPath('plans'))).plans,
    runPlan: (name, type) =>
      call<Run>('POST', apiPath('plans', name, 'run'), { body: type === undefined ? {} : { type } }),
    tokens: async () => (await call<{ tokens: TokenView[] }>('GET', apiPath('tokens'))).tokens,
    makeToken: (asked) => call<TokenMade>('POST', apiPath('tokens'), { body: asked }),
    revokeToken: async (name) => {
      await call('DELETE', apiPath('tokens', name));
    },
    audit: (asked) => call<AuditPage>('GET', apiPath('audit'), { query: asked }),
    close: () => Promise.resolve(),
  };
}

/** Asks again and again until the run has ended. An API that is away for a while is waited for. */
async function waitFor(
  call: Call,
  clock: Clock,
  id: string,
  signal: AbortSignal,
  onProgress?: (progress: Progress) => void,
): Promise<Run> {
  let seenAt = clock.monotonic();
  for (;;) {
    signal.throwIfAborted();
    try {
      const run = await call<Run>('GET', apiPath('runs', id));
      seenAt = clock.monotonic();
      if (run.endedAt !== null) return run;
      onProgress?.(run.progress);
    } catch (thrown) {
      if (!isMilvaultError(thrown) || !thrown.retryable || clock.monotonic() - seenAt > AWAY_MS) throw thrown;
    }
    await clock.sleep(POLL_MS, signal);
  }
}

async function allBackups(
  call: Call,
  filter: { repository?: string; plan?: string },
): Promise<{ backups: Backup[]; unread: Unread[] }> {
  const all: Backup[] = [];
  for (;;) {
    const query = { ...filter, limit: PAGE, offset: all.length };
    const page = await call<{ backups: Backup[]; total: number; unread: Unread[] }>('GET', apiPath('backups'), {
      query,
    });
    all.push(...page.backups);
    if (page.backups.length === 0 || all.length >= page.total) return { backups: all, unread: page.unread };
  }
}

async function onlySource(call: Call): Promise<string> {
  const { sources } = await call<{ sources: { name: string }[] }>('GET', apiPath('sources'));
  return onlyOne(
    sources.map(({ name }) => name),
    'source',
  );
}

async function onlyRepository(call: Call): Promise<string> {
  const { repositories } = await call<{ repositories: { name: string }[] }>('GET', apiPath('repositories'));
  return onlyOne(
    repositories.map(({ name }) => name),
    'repository',
  );
}
