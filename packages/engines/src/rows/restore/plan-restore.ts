import type { MilvusClient } from '@milvault/milvus';
import type { CollectionIndex, Manifest, Repository } from '@milvault/repository';
import { fail, newId, type DatabaseDefinition } from '@milvault/shared';
import type { EngineContext, PlannedRestore, RestorePlan, RestoreRequest } from '../../port.ts';
import type { Session } from '../connect.ts';
import { fullName, stagingName } from '../names.ts';
import type { RowsRestorePart, RowsRestorePlan } from '../parts.ts';
import { requireFree } from './conflicts.ts';
import { isOf, lostWhole, requireSound, salvaged } from './sound.ts';
import { chooseTargets, readIndexes, type Target } from './targets.ts';

/** Stored bytes that one part writes. */
const PART_BYTES = 64 * 1024 * 1024;
/** Enough of an id's random end to tell the restores of one target apart. */
const TOKEN_LENGTH = 12;

export async function planRestore(
  session: Session,
  repository: Repository,
  manifest: Manifest,
  request: RestoreRequest,
  context: EngineContext,
): Promise<RowsRestorePlan> {
  const plan = await planTargets(session, repository, manifest, request, context);
  return { ...plan, parts: partsOf(plan.collections.map((one) => one.index)) };
}

/** All of a plan but its parts: names, conflicts, and the soundness of the backup. Touches nothing. */
export async function planTargets(
  session: Session,
  repository: Repository,
  manifest: Manifest,
  request: RestoreRequest,
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
  const collections = chosen.map(({ target: { to }, index }): PlannedRestore => ({
    index,
    targetDatabase: to.database,
    targetCollection: to.collection,
    stagingCollection: stagingName(to.collection, token),
    autoId: 'property',
    indexes: index.definition.indexes,
  }));
  return {
    backupId: manifest.backupId,
    startedAt,
    newDatabases: await missingDatabases(client, manifest, chosen, existing, signal),
    collections,
    warnings: [...read.warnings],
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
