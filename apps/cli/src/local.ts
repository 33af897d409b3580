import type { Inspection } from '@milvault/engines';
import { BACKUP_DEFAULTS, openExport, type Adapters, type JobPayloads, type Service } from '@milvault/jobs';
import type { Repository } from '@milvault/repository';
import {
  fail,
  normaliseAddress,
  resolvePlace,
  type Config,
  type InspectionView,
  type RepositoryView,
} from '@milvault/shared';
import type { Backend, Requests } from './backend.ts';
import { isAddress, onlyOne, sourceNotFound } from './choose.ts';

/** What work in this process stands on; `compose.ts` builds it. */
export interface LocalParts {
  readonly config: Config;
  /** Folder that a bare word is looked for in, where it is no configured name. */
  readonly folder: string;
  readonly service: Service;
  readonly adapters: Pick<Adapters, 'repository' | 'initRepository' | 'probeRepository'>;
  readonly signal: AbortSignal;
  inspect(source: string, collections: readonly string[]): Promise<Inspection>;
}

const DEFAULT_LEVEL = 2;
const TRIGGER = { trigger: 'cli', plan: null } as const;

/** The {@link Backend} in this process: fills in what a request leaves out, as the API does. */
export function createLocalBackend(parts: LocalParts): Backend {
  const { config, service } = parts;
  const fill = payloadsOf(parts);
  return {
    start: async (kind, request) => service.start(kind, await fill[kind](request), TRIGGER),
    run: service.run,
    runs: service.runs,
    logs: service.logs,
    cancel: service.cancel,
    wait: service.wait,
    backups: async ({ repository, plan }) => {
      const where = anyRepository(parts, repository);
      return service.backups({
        ...(where === undefined ? {} : { repository: where }),
        ...(plan === undefined ? {} : { plan }),
      });
    },
    survey: async (filter) => {
      anyRepository(parts, undefined);
      return service.survey(filter);
    },
    backup: async (idOrName, repository) => service.backup(idOrName, anyRepository(parts, repository)),
    removeBackup: async (idOrName, repository) => service.removeBackup(idOrName, anyRepository(parts, repository)),
    holdBackup: async (idOrName, reason, repository) =>
      service.holdBackup(idOrName, reason, anyRepository(parts, repository)),
    releaseBackup: async (idOrName, repository) => service.releaseBackup(idOrName, anyRepository(parts, repository)),
    inspect: async (asked, collections) => {
      const source = sourceName(config, asked);
      return inspectionView(config, source, await parts.inspect(source, collections));
    },
    repository: async (asked) => {
      const name = repositoryName(parts, asked);
      return repositoryView(name, await parts.adapters.repository(name));
    },
    initRepository: async (asked) => {
      const name = repositoryName(parts, asked);
      return repositoryView(name, await parts.adapters.initRepository(name));
    },
    probeRepository: (asked) => parts.adapters.probeRepository(repositoryName(parts, asked), parts.signal),
    openExport: async (idOrName, repository) => {
      const backup = await service.backup(idOrName, anyRepository(parts, repository));
      return openExport(await parts.adapters.repository(backup.repository), backup);
    },
    plans: () => Promise.reject(needsApi('plans')),
    runPlan: () => Promise.reject(needsApi('plans')),
    tokens: () => Promise.reject(needsApi('tokens')),
    makeToken: () => Promise.reject(needsApi('tokens')),
    revokeToken: () => Promise.reject(needsApi('tokens')),
    audit: () => Promise.reject(needsApi('audit log')),
    close: () => service.close(),
  };
}

const needsApi = (what: string): Error => fail('OPTION_UNSUPPORTED', { what: `--local knows no ${what}` });

type Fill = { readonly [K in keyof Requests]: (request: Requests[K]) => Promise<JobPayloads[K]> };

/** Requests as the jobs take them: everything named, nothing left out. */
function payloadsOf(parts: LocalParts): Fill {
  const { config, service } = parts;
  const found = async (asked: string, where: string | undefined): Promise<{ repository: string; backup: string }> => {
    const { id, repository } = await service.backup(asked, anyRepository(parts, where));
    return { repository, backup: id };
  };
  return {
    backup: async ({ source, repository, collections, type, engine, verify, base, consistency }) => ({
      source: sourceName(config, source),
      repository: repositoryName(parts, repository),
      collections: collections ?? ['*'],
      type: type ?? 'full',
      engine: engine ?? 'auto',
      plan: null,
      verify: verify === null ? null : checkLevel(verify ?? DEFAULT_LEVEL),
      ...BACKUP_DEFAULTS,
      ...(base === undefined ? {} : { base }),
      ...(consistency === undefined ? {} : { consistency }),
    }),
    verify: async ({ backup, repository, level }) => ({
      ...(await found(backup, repository)),
      level: checkLevel(level ?? DEFAULT_LEVEL),
    }),
    drill: async ({ backup, repository, target }) => ({
      ...(await found(backup, repository)),
      target: target === undefined || target === null ? null : sourceName(config, target),
    }),
    restore: async ({ backup, repository, target, collections, partitions, suffix, rename, aliases, salvage }) => ({
      ...(await found(backup, repository)),
      target: sourceName(config, target),
      collections: collections ?? [],
      partitions: partitions ?? [],
      suffix: suffix ?? null,
      rename: rename ?? {},
      aliases: aliases ?? false,
      salvage: salvage ?? false,
    }),
    cleanup: async ({ repository, dryRun, force }) => ({
      repository: anyRepository(parts, repository) ?? null,
      dryRun: dryRun ?? false,
      force: force ?? false,
    }),
  };
}

/** The options of the commands let only these levels through. */
const checkLevel = (level: number): 0 | 1 | 2 | 3 => level as 0 | 1 | 2 | 3;

function sourceName(config: Config, asked: string | undefined): string {
  const names = config.sources.map(({ name }) => name);
  if (asked === undefined) return onlyOne(names, 'source');
  if (names.includes(asked) || isAddress(asked)) return asked;
  throw sourceNotFound(asked, names);
}

/** A configured name, or else an absolute folder or a bucket. */
export function repositoryName(
  { config, folder }: Pick<LocalParts, 'config' | 'folder'>,
  asked: string | undefined,
): string {
  const names = config.repositories.map(({ name }) => name);
  if (asked === undefined) return onlyOne(names, 'repository');
  return names.includes(asked) ? asked : resolvePlace(folder, asked);
}

/** The same, where leaving it out means every configured one, so that there must be one. */
function anyRepository(parts: LocalParts, asked: string | null | undefined): string | undefined {
  if (asked !== undefined && asked !== null) return repositoryName(parts, asked);
  if (parts.config.repositories.length === 0) onlyOne([], 'repository');
  return undefined;
}

function inspectionView(config: Config, source: string, found: Inspection): InspectionView {
  const configured = config.sources.find(({ name }) => name === source);
  return {
    source,
    address: configured?.address ?? normaliseAddress(source),
    serverVersion: found.serverVersion,
    databases: [...found.databases],
    collections: found.collections.map(({ definition, rows }) => ({ definition, rows })),
    warnings: [...found.warnings],
  };
}

async function repositoryView(name: string, repository: Repository): Promise<RepositoryView> {
  const [{ backups, damages }, space] = await Promise.all([repository.survey(), repository.space()]);
  return {
    name,
    place: repository.place,
    id: repository.id,
    space,
    backups: backups.length,
    rows: backups.reduce((sum, backup) => sum + backup.rows, 0),
    bytes: backups.reduce((sum, backup) => sum + backup.bytes.own, 0),
    damages: [...damages],
  };
}
