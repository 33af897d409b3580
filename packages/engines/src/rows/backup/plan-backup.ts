import { fail, toKeyRecord, type CollectionDefinition, type PrimaryKey, type Warning } from '@milvault/shared';
import type { BackupPart, BackupPlan, BackupRequest, EngineContext, PlannedCollection } from '../../port.ts';
import { chooseCollections } from '../catalogue.ts';
import type { Session } from '../connect.ts';
import { collectionDoubts, obstacles, serverDoubts } from '../doubts.ts';
import { fullName } from '../names.ts';
import { cutKeys, groupBounds } from './cut-keys.ts';

/** Counts every partition and cuts its keys into parts. Nothing is read but counts, keys and a small sample. */
export async function planBackup(
  session: Session,
  request: BackupRequest,
  context: EngineContext,
): Promise<BackupPlan> {
  const { signal } = context;
  const chosen = await chooseCollections(session.client, request.collections, signal);
  const collections: PlannedCollection[] = [];
  const parts: BackupPart[] = [];
  const warnings: Warning[] = [...serverDoubts(session, chosen.databases), ...chosen.warnings];
  for (const name of chosen.names) {
    const definition = await session.client.describe(name, signal);
    requireReadable(definition);
    warnings.push(...collectionDoubts(definition));
    let countBefore = 0;
    for (const partition of readUnits(definition)) {
      const rows = await session.client.count({ definition, partition, signal });
      countBefore += rows;
      parts.push(...(await planUnit(session, definition, partition, rows, collections.length, parts.length, signal)));
    }
    collections.push({ definition, countBefore });
  }
  const rowsTotal = collections.reduce((sum, one) => sum + one.countBefore, 0);
  return {
    serverVersion: session.version,
    databases: chosen.databases,
    collections,
    parts,
    warnings,
    rowsTotal,
    quiesced: request.quiesced ?? false,
  };
}

/** What is read by itself: each partition, or the whole where rows find their partition by a key (null). */
export const readUnits = (definition: CollectionDefinition): readonly (string | null)[] =>
  definition.partitionKeyMode ? [null] : definition.partitions.map((partition) => partition.name);

function requireReadable(definition: CollectionDefinition): void {
  const [first] = obstacles(definition);
  if (first === undefined) return;
  throw fail('COLLECTION_NOT_LOADED', {
    what: `${fullName(definition)} cannot be read: ${first.message}`,
    details: { database: definition.database, collection: definition.collection },
  });
}

async function planUnit(
  session: Session,
  definition: CollectionDefinition,
  partition: string | null,
  rows: number,
  collection: number,
  firstNumber: number,
  signal: AbortSignal,
): Promise<BackupPart[]> {
  // What is empty now needs no part; what comes later is told by the count at the end.
  if (rows === 0) return [];
  const cut = await cutKeys(session, { definition, partition, signal }, rows);
  const record = (key: PrimaryKey | null) => (key === null ? null : toKeyRecord(key));
  return groupBounds(cut, rows).map((group, i) => ({
    number: firstNumber + i,
    collection,
    definition,
    partition,
    after: record(group.after),
    upTo: record(group.upTo),
    bounds: group.bounds.map(toKeyRecord),
    rowsExpected: group.rows,
    rowBytes: cut.rowBytes,
  }));
}
