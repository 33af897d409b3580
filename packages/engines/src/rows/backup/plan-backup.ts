import { ANY_MOMENT } from '@milvault/milvus';
import type { Manifest, Repository } from '@milvault/repository';
import { fail, toKeyRecord, type CollectionDefinition, type Consistency, type PrimaryKey } from '@milvault/shared';
import type { BackupRequest, EngineContext } from '../../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from '../at-once.ts';
import { chooseCollections, describeChosen } from '../catalogue.ts';
import type { Session } from '../connect.ts';
import { collectionDoubts, obstacles, serverDoubts } from '../doubts.ts';
import { fullName } from '../names.ts';
import type { RowsCollection, RowsPart, RowsPlan } from '../parts.ts';
import { borrowingOf, NOTHING_TO_BORROW, readBase } from './base.ts';
import { cutKeys, groupBounds, type KeyCut, type Unit } from './cut-keys.ts';
import { lookStill, unchangedSince } from './still.ts';
import { readUnits, WHOLE_COLLECTION } from './units.ts';

/**
 * Counts every partition and cuts its keys into parts; looks what may be borrowed of the base. Nothing is read but
 * counts, keys and a small sample.
 */
export async function planBackup(
  session: Session,
  repository: Repository,
  request: BackupRequest,
  context: EngineContext,
): Promise<RowsPlan> {
  const { signal } = context;
  const chosen = await chooseCollections(session.client, request.collections, signal);
  const base = request.base === undefined || request.base === null ? null : await readBase(repository, request.base);
  // Taken before the counts, which wait until the server has come to it: no page has to wait again.
  const moment = await session.client.moment(signal);
  const found = await mapAtOnce(chosen.names, CALLS_AT_ONCE, (name) => describeChosen(session.client, name, signal));
  const definitions = found.filter((one) => one !== null);
  const planned = await mapAtOnce(definitions, CALLS_AT_ONCE, (definition) =>
    planCollection(session, repository, { definition, base, prove: request.prove ?? false, moment, signal }),
  );
  const collections = planned.map((one) => one.collection);
  return {
    serverVersion: session.version,
    databases: chosen.databases,
    collections,
    parts: planned
      .flatMap(({ parts }, collection) => parts.map((part) => ({ ...part, collection })))
      .map((part, number) => ({ ...part, number })),
    warnings: [
      ...serverDoubts(session, chosen.databases),
      ...chosen.warnings,
      ...collections.flatMap((one) => collectionDoubts(one.definition)),
    ],
    rowsTotal: planned.flatMap((one) => one.parts).reduce((sum, part) => sum + part.rowsExpected, 0),
    consistency: bestOf(collections, request),
    base: collections.some((one) => one.borrows) ? (request.base ?? null) : null,
    quiesced: request.quiesced ?? false,
  };
}

function bestOf(collections: readonly RowsCollection[], { quiesced }: BackupRequest): Consistency {
  if (collections.every(({ still }) => still !== null)) return 'proved-still';
  return quiesced === true ? 'quiesced' : 'fuzzy';
}

type PlannedPart = Omit<RowsPart, 'number' | 'collection'>;

interface CollectionCase extends Pick<Unit, 'definition' | 'moment' | 'signal'> {
  readonly base: Manifest | null;
  readonly prove: boolean;
}

interface PlannedHere {
  readonly collection: RowsCollection;
  readonly parts: readonly PlannedPart[];
}

async function planCollection(
  session: Session,
  repository: Repository,
  { base, prove, ...unit }: CollectionCase,
): Promise<PlannedHere> {
  const { definition } = unit;
  requireReadable(definition);
  const borrowing = base === null ? NOTHING_TO_BORROW : await borrowingOf(repository, base, definition);
  const still = prove ? await lookStill(session, unit) : null;
  const unchanged =
    borrowing.index === null || still === null ? [] : unchangedSince(borrowing.index, definition, still);
  const lends = borrowing.index === null ? null : (base?.backupId ?? null);
  const planned = await mapAtOnce(readUnits(definition), CALLS_AT_ONCE, async (partition): Promise<PlannedUnit> => {
    const name = partition ?? WHOLE_COLLECTION;
    const known = unchanged.includes(name) ? still?.find((one) => one.partition === name) : undefined;
    return known === undefined ? planUnit(session, { ...unit, partition }, lends) : { rows: known.rows, parts: [] };
  });
  return {
    collection: {
      definition,
      countBefore: planned.reduce((sum, one) => sum + one.rows, 0),
      wholeBecause: borrowing.whyNot,
      still,
      unchanged,
      borrows: lends !== null,
    },
    parts: planned.flatMap((one) => one.parts),
  };
}

function requireReadable(definition: CollectionDefinition): void {
  const [first] = obstacles(definition);
  if (first === undefined) return;
  throw fail('COLLECTION_NOT_LOADED', {
    what: `${fullName(definition)} cannot be read: ${first.message}`,
    details: { database: definition.database, collection: definition.collection },
  });
}

interface PlannedUnit {
  readonly rows: number;
  readonly parts: readonly PlannedPart[];
}

async function planUnit(session: Session, unit: Unit, base: string | null): Promise<PlannedUnit> {
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
    base,
  }));
  return { rows, parts };
}

async function cutRoughly(session: Session, unit: Unit): Promise<KeyCut> {
  const atHand = { ...unit, moment: session.lite ? null : ANY_MOMENT };
  return cutKeys(session, atHand, await session.client.count(atHand));
}
