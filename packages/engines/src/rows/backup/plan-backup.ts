import { ANY_MOMENT } from '@milvault/milvus';
import { fail, toKeyRecord, type CollectionDefinition, type PrimaryKey } from '@milvault/shared';
import type { BackupPart, BackupPlan, BackupRequest, EngineContext } from '../../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from '../at-once.ts';
import { chooseCollections, describeChosen } from '../catalogue.ts';
import type { Session } from '../connect.ts';
import { collectionDoubts, obstacles, serverDoubts } from '../doubts.ts';
import { fullName } from '../names.ts';
import { cutKeys, groupBounds, type KeyCut, type Unit } from './cut-keys.ts';

/** Counts every partition and cuts its keys into parts. Nothing is read but counts, keys and a small sample. */
export async function planBackup(
  session: Session,
  request: BackupRequest,
  context: EngineContext,
): Promise<BackupPlan> {
  const { signal } = context;
  const chosen = await chooseCollections(session.client, request.collections, signal);
  // Taken before the counts, which wait until the server has come to it: no page has to wait again.
  const moment = await session.client.moment(signal);
  const found = await mapAtOnce(chosen.names, CALLS_AT_ONCE, (name) => describeChosen(session.client, name, signal));
  const definitions = found.filter((one) => one !== null);
  const planned = await mapAtOnce(definitions, CALLS_AT_ONCE, async (definition, collection) => {
    requireReadable(definition);
    const units = await mapAtOnce(readUnits(definition), CALLS_AT_ONCE, (partition) =>
      planUnit(session, { definition, partition, moment, signal }),
    );
    const countBefore = units.reduce((sum, unit) => sum + unit.rows, 0);
    const parts = units.flatMap((unit) => unit.parts.map((part) => ({ ...part, collection })));
    return { definition, countBefore, parts };
  });
  return {
    serverVersion: session.version,
    databases: chosen.databases,
    collections: planned.map(({ definition, countBefore }) => ({ definition, countBefore })),
    parts: planned.flatMap((one) => one.parts).map((part, number) => ({ ...part, number })),
    warnings: [
      ...serverDoubts(session, chosen.databases),
      ...chosen.warnings,
      ...planned.flatMap((one) => collectionDoubts(one.definition)),
    ],
    rowsTotal: planned.reduce((sum, one) => sum + one.countBefore, 0),
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

type UnitPart = Omit<BackupPart, 'number' | 'collection'>;

async function planUnit(session: Session, unit: Unit): Promise<{ rows: number; parts: UnitPart[] }> {
  // The count that is compared at the end waits for the moment, the keys are cut meanwhile: bounds are only a plan.
  const [rows, cut] = await Promise.all([session.client.count(unit), cutRoughly(session, unit)]);
  // What is empty now needs no part; what comes later is told by the count at the end.
  if (rows === 0) return { rows, parts: [] };
  const record = (key: PrimaryKey | null) => (key === null ? null : toKeyRecord(key));
  const parts = groupBounds(cut, rows).map((group) => ({
    definition: unit.definition,
    partition: unit.partition,
    after: record(group.after),
    upTo: record(group.upTo),
    bounds: group.bounds.map(toKeyRecord),
    rowsExpected: group.rows,
    rowBytes: cut.rowBytes,
    moment: unit.moment ?? null,
  }));
  return { rows, parts };
}

async function cutRoughly(session: Session, unit: Unit): Promise<KeyCut> {
  const atHand = { ...unit, moment: session.lite ? null : ANY_MOMENT };
  return cutKeys(session, atHand, await session.client.count(atHand));
}
