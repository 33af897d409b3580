import type { Repository, SegmentEntry } from '@milvault/repository';
import { fail, type CollectionDefinition } from '@milvault/shared';
import type { BackupRequest, EngineContext, EngineSource } from '../../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from '../../rows/at-once.ts';
import { borrowingOf, NOTHING_TO_BORROW, readBase } from '../../rows/backup/base.ts';
import { chooseCollections, describeChosen } from '../../rows/catalogue.ts';
import type { Session } from '../../rows/connect.ts';
import { collectionDoubts, serverDoubts } from '../../rows/doubts.ts';
import { fullName } from '../../rows/names.ts';
import type { PlannedSegment, SegmentsCollection, SegmentsPart, SegmentsPlan } from '../parts.ts';
import { storageOf } from '../storage.ts';
import { fieldsInFiles } from './fields.ts';
import { compareWith } from './borrow.ts';
import { groupSegments } from './group.ts';
import type { Look } from './look.ts';
import { lookUntilStill, type StillLook, type Wanted } from './until-still.ts';

/** What the last look found, and what of it is not later than the moment, is the backup. Nothing of it was read yet. */
export async function planBackup(
  session: Session,
  source: EngineSource,
  repository: Repository,
  request: BackupRequest,
  context: EngineContext,
): Promise<SegmentsPlan> {
  const { client } = session;
  const { signal } = context;
  const storage = storageOf(source, context.clock);
  const chosen = await chooseCollections(client, request.collections, signal);
  const base = request.base === undefined || request.base === null ? null : await readBase(repository, request.base);
  const found = await mapAtOnce(chosen.names, CALLS_AT_ONCE, (name) => describeChosen(client, name, signal));
  const definitions = found.filter((one) => one !== null);
  const wanted = await mapAtOnce(definitions, CALLS_AT_ONCE, async (definition) => {
    const { index, whyNot } = base === null ? NOTHING_TO_BORROW : await borrowingOf(repository, base, definition);
    return { definition, lent: index, whyNot };
  });
  const { upTo, looks } = await lookUntilStill({ session, source, storage, context }, wanted);
  const planned = looks.map((seen) => planCollection(seen, upTo));
  const collections = planned.map((one) => one.collection);
  const parts = planned.flatMap(({ definition, collection, segments }, place) =>
    groupSegments(segments).map((group) => ({
      collection: place,
      definition,
      upTo: collection.upTo,
      fields: collection.fields,
      segments: group,
    })),
  );
  return {
    serverVersion: session.version,
    databases: chosen.databases,
    collections,
    parts: parts.map((part, number): SegmentsPart => ({ ...part, number })),
    warnings: [
      ...serverDoubts(session, chosen.databases),
      ...chosen.warnings,
      ...definitions.flatMap((one) => collectionDoubts(one)),
    ],
    rowsTotal: parts.flatMap((part) => part.segments).reduce((sum, one) => sum + one.rows, 0),
    consistency: collections.every((one) => one.doubt === null) ? 'pinned' : 'fuzzy',
    base: planned.some((one) => one.borrows) ? (request.base ?? null) : null,
  };
}

interface PlannedHere {
  readonly definition: CollectionDefinition;
  readonly collection: SegmentsCollection;
  readonly look: Look;
  /** Those that are not kept. */
  readonly segments: readonly PlannedSegment[];
  readonly borrows: boolean;
}

interface Chosen extends Wanted {
  readonly whyNot: string | null;
}

function planCollection({ wanted, look, doubt }: StillLook<Chosen>, upTo: string | null): PlannedHere {
  const { definition, lent: index, whyNot } = wanted;
  const compare = compareWith(index);
  const kept: SegmentEntry[] = [];
  const segments: PlannedSegment[] = [];
  for (const { id, partition, rows } of look.segments) {
    const files = look.files.get(id) ?? [];
    requireFiles(definition, id, files.length);
    const compared = compare({ id, partition: partition ?? '', rows }, files);
    if (compared.kept === null) segments.push(compared.planned);
    else kept.push(compared.kept);
  }
  return {
    definition,
    look,
    segments,
    borrows: kept.length > 0 || segments.some(({ files }) => files.some((file) => file.borrowed !== null)),
    collection: {
      definition,
      countBefore: look.segments.reduce((sum, one) => sum + one.rows, 0),
      wholeBecause: whyNot,
      upTo,
      fields: fieldsInFiles(definition, look),
      kept,
      doubt,
    },
  };
}

function requireFiles(definition: CollectionDefinition, segment: string, files: number): void {
  if (files > 0) return;
  throw fail('STORAGE_OBJECT_MISSING', {
    what: `Milvus names segment ${segment} of ${fullName(definition)}, and none of its files lies in the storage`,
    details: { database: definition.database, collection: definition.collection, segment },
  });
}
