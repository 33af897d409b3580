import type { BackupRequest, Engine, EngineContext, EngineSource, RestoreRequest } from '@milvault/engines';
import { createMilvusClient, type MilvusAddress } from '@milvault/milvus';
import type { BackupDraft, CommitInput, Manifest, Repository } from '@milvault/repository';
import { silentLogger, sourceIdOf, systemClock, type Backup, type RestoreReport } from '@milvault/shared';

/** What every engine needs of its surroundings. */
export const engineDeps = {
  connect: (address: MilvusAddress) => createMilvusClient(address, { clock: systemClock }),
  clock: systemClock,
};

/** What the runner of jobs does with an engine, in one process and without a queue. */
export const contextOf = (signal: AbortSignal = new AbortController().signal): EngineContext => ({
  clock: systemClock,
  logger: silentLogger,
  signal,
  onProgress: () => undefined,
});

export const addressOf = (address: string): MilvusAddress => ({ address, tls: false, credentials: null });

const sourceOf = (source: string | EngineSource): EngineSource =>
  typeof source === 'string' ? addressOf(source) : source;

export const beginDraft = (
  repository: Repository,
  address: string,
  { serverVersion, base = null }: { readonly serverVersion: string; readonly base?: string | null },
): Promise<BackupDraft> =>
  repository.begin({
    type: base === null ? 'full' : 'incremental',
    base,
    sourceId: sourceIdOf(address),
    sourceAddress: address,
    serverVersion,
    plan: null,
    note: null,
  });

export interface Taken {
  readonly backup: Backup;
  readonly manifest: Manifest;
  readonly input: CommitInput;
}

/** A whole backup: plan, parts (so many at once), finish, commit. */
export async function takeBackup(
  engine: Engine,
  source: string | EngineSource,
  repository: Repository,
  request: BackupRequest,
  partsAtOnce = 2,
): Promise<Taken> {
  const address = sourceOf(source);
  const context = contextOf();
  const plan = await engine.planBackup(address, repository, request, context);
  const draft = await beginDraft(repository, address.address, plan);
  const results = await inLanes(plan.parts, partsAtOnce, (part) =>
    engine.backupPart(address, repository, draft, part, `try1-${part.number}`, context),
  );
  const input = await engine.finishBackup(address, repository, draft, plan, results, context);
  const backup = await repository.commit(draft, input);
  return { backup, manifest: await repository.manifest(backup.id), input };
}

const ALL: RestoreRequest = { collections: [], partitions: [], suffix: null, rename: {}, aliases: false };

/** A whole restore: plan, begin, parts, finish. What it made is dropped where it fails. */
export async function restoreBackup(
  engine: Engine,
  target: string | EngineSource,
  repository: Repository,
  manifest: Manifest,
  request: Partial<RestoreRequest>,
  partsAtOnce = 2,
): Promise<RestoreReport> {
  const address = sourceOf(target);
  const context = contextOf();
  const planned = await engine.planRestore(address, repository, manifest, { ...ALL, ...request }, context);
  try {
    const plan = await engine.beginRestore(address, repository, planned, context);
    await inLanes(plan.parts, partsAtOnce, (part) =>
      engine.restorePart(address, repository, plan, part, { redo: false }, context),
    );
    return await engine.finishRestore(address, repository, plan, context);
  } catch (error) {
    await engine.abandonRestore(address, planned, context);
    throw error;
  }
}

async function inLanes<T, R>(items: readonly T[], lanes: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<number, R>();
  const left = items.entries();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const [place, item] of left) results.set(place, await work(item));
    }),
  );
  return items.map((_, place) => results.get(place)!);
}
