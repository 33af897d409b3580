import type { MilvusClient } from '@milvault/milvus';
import type { CollectionIndex, Manifest, Repository } from '@milvault/repository';
import { fail, newId, type DatabaseDefinition } from '@milvault/shared';
import type { EngineContext, PlannedRestore, RestorePlan, RestoreRequest } from '../../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from '../at-once.ts';
import { sliceBatch } from '../batches.ts';
import type { Session } from '../connect.ts';
import { DEFAULT_DATABASE, fullName, stagingName } from '../names.ts';
import type { RowsRestorePart, RowsRestorePlan } from '../parts.ts';
import { requireFree } from './conflicts.ts';
import { isOf, lostWhole, requireSound, salvaged } from './sound.ts';
import { chooseTargets, readIndexes, type Target } from './targets.ts';
import { tryOut, type TrialMeans } from './trial.ts';

/** Stored bytes that one part writes. */
const PART_BYTES = 64 * 1024 * 1024;
/** Enough of an id's random end to tell the restores of one target apart. */
const TOKEN_LENGTH = 12;

/** What chunks of rows bring to a restore. */
const chunkMeans = (repository: Repository): TrialMeans => ({
  autoId: () => null,
  firstRow: async (index) => {
    const [chunk] = index.chunks;
    if (chunk === undefined) return null;
    return { partition: chunk.partition, row: sliceBatch(await repository.readChunk(index, chunk), 0, 1) };
  },
});

export async function planRestore(
  session: Session,
  repository: Repository,
  manifest: Manifest,
  request: RestoreRequest,
  context: EngineContext,
): Promise<RowsRestorePlan> {
  const plan = await planTargets(session, repository, manifest, request, chunkMeans(repository), context);
  return { ...plan, parts: partsOf(plan.collections.map((one) => one.index)) };
}

/**
 * All of a plan but its parts. Names, conflicts and the soundness of the backup first; then the target is tried out on
 * empty collections.
 */
export async function planTargets(
  session: Session,
  repository: Repository,
  manifest: Manifest,
  request: RestoreRequest,
  means: TrialMeans,
  context: EngineContext,
): Promise<Omit<RestorePlan, 'parts'>> {
  const { client } = session;
  const { signal, clock } = context;
  const startedAt = clock.now();
  const targets = chooseTargets(manifest, request);
  const damages = await requireSound(repository, manifest, targets, request.salvage ?? false, signal);
  const gone = lostWhole(manifest, damages);
  const left = targets.filter(({ from }) => !gone.some((one) => isOf(one, from)));
  const read = await readIndexes(repository, manifest, left, request.partitions);
  const chosen = read.chosen.map(({ target, index }) => ({ target, ...salvaged(index, damages) }));
  const lost = [...gone, ...chosen.flatMap((one) => one.lost)];
  const existing = (await client.databases(signal)).map((one) => one.name);
  await requireFree(
    client,
    chosen.map((one) => one.target),
    existing,
    signal,
  );

  const token = newId(clock).slice(-TOKEN_LENGTH);
  const tried = await mapAtOnce(chosen, CALLS_AT_ONCE, async ({ target, index }) => {
    const staging = stagingName(target.to.collection, token);
    const at = existing.includes(target.to.database) ? target.to.database : DEFAULT_DATABASE;
    const trial = await tryOut(client, means, index, { database: at, collection: staging }, signal);
    const planned: PlannedRestore = {
      index,
      targetDatabase: target.to.database,
      targetCollection: target.to.collection,
      stagingCollection: staging,
      autoId: trial.autoId,
      indexes: trial.indexes,
    };
    return { planned, warnings: trial.warnings };
  });
  const collections = tried.map((one) => one.planned);
  return {
    backupId: manifest.backupId,
    startedAt,
    newDatabases: await missingDatabases(client, manifest, chosen, existing, signal),
    collections,
    warnings: [...read.warnings, ...tried.flatMap((one) => one.warnings)],
    rowsTotal: collections.reduce((sum, one) => sum + one.index.rows, 0),
    aliases: request.aliases,
    ...(lost.length === 0 ? {} : { lost }),
  };
}

async function missingDatabases(
  client: MilvusClient,
  manifest: Manifest,
  chosen: readonly { target: Target }[],
  existing: readonly string[],
  signal: AbortSignal,
): Promise<DatabaseDefinition[]> {
  const missing = new Map<string, DatabaseDefinition>();
  for (const { target } of chosen) {
    const name = target.to.database;
    if (existing.includes(name)) continue;
    const saved = manifest.databases.find((one) => one.name === target.from.database);
    missing.set(name, { name, properties: target.from.database === name ? (saved?.properties ?? []) : [] });
  }
  if (missing.size > 0 && !(await client.server(signal)).databases) {
    throw fail('TARGET_UNSUPPORTED', {
      what: `The target has no databases, so ${[...missing.keys()].join(', ')} cannot be made`,
      next: 'Rename the collections into the database default, or restore into another Milvus',
    });
  }
  return [...missing.values()];
}

/** Chunks of one collection put together, in their order, into parts of about equal size. */
export function partsOf(indexes: readonly CollectionIndex[]): RowsRestorePart[] {
  const parts: RowsRestorePart[] = [];
  for (const [collection, index] of indexes.entries()) {
    let chunks: number[] = [];
    let bytes = 0;
    for (const [place, chunk] of index.chunks.entries()) {
      if (chunks.length > 0 && bytes + chunk.size > PART_BYTES) {
        parts.push({ number: parts.length, collection, chunks });
        chunks = [];
        bytes = 0;
      }
      chunks.push(place);
      bytes += chunk.size;
    }
    if (chunks.length > 0) parts.push({ number: parts.length, collection, chunks });
  }
  return parts;
}

export const nameOfTarget = (planned: PlannedRestore): string =>
  fullName({ database: planned.targetDatabase, collection: planned.targetCollection });
