import type { PersistentSegment } from '@milvault/milvus';
import { inspectLog, TIMESTAMP_FIELD, type ObjectReader } from '@milvault/repository';
import { fail, hasCode, type CollectionDefinition } from '@milvault/shared';
import type { EngineContext, EngineSource } from '../../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from '../../rows/at-once.ts';
import type { Session } from '../../rows/connect.ts';
import { fullName } from '../../rows/names.ts';
import type { MilvusFile } from '../parts.ts';
import { foreign, listFiles } from '../storage.ts';
import { wholeMoment } from './moment.ts';

/** What Milvus says of a collection, and what lies in its storage. */
export interface Look {
  /** Those with rows, of partitions that exist. */
  readonly segments: readonly PersistentSegment[];
  readonly files: ReadonlyMap<string, readonly MilvusFile[]>;
}

/** A collection as it was seen last; `still`: none of its segments were merged meanwhile, and no flush owed anything. */
export interface StillLook {
  readonly definition: CollectionDefinition;
  readonly look: Look;
  readonly still: boolean;
}

export interface Looks {
  /** The moment of the backup by Milvus's clock, the same for all collections; null where the server does not tell it. */
  readonly upTo: string | null;
  readonly looks: readonly StillLook[];
}

/** A merge of segments takes seconds, and Milvus begins one at most now and then. */
const LOOKS = 6;

/**
 * Looks at the segments, takes a moment, flushes, looks, and flushes and looks once more: what is in the last look and not
 * later than the moment is what the server held then. A flush of Milvus 2.3.5 may say that all is flushed while deletions
 * are not: those that wait for segments that are being merged, which the next flush writes. So where segments were merged
 * meanwhile, or the second flush brought something that the first one owed, all of it begins again with another moment.
 * STORAGE_FOREIGN before anything is written.
 */
export async function lookUntilStill(
  session: Session,
  source: EngineSource,
  storage: ObjectReader,
  definitions: readonly CollectionDefinition[],
  { signal, logger, clock }: EngineContext,
): Promise<Looks> {
  const { client } = session;
  const see = (one: CollectionDefinition): Promise<Look> => lookAt(session, storage, one, signal);
  const flushAndSee = async (one: CollectionDefinition): Promise<Look> => {
    await client.flush(one, signal);
    return see(one);
  };
  let before = await mapAtOnce(definitions, CALLS_AT_ONCE, see);
  requireOwn(source, storage, before);
  for (let left = LOOKS - 1; ; left--) {
    const upTo = await wholeMoment(client, clock, signal);
    const looks = await mapAtOnce(definitions, CALLS_AT_ONCE, async (definition, place): Promise<StillLook> => {
      const once = await flushAndSee(definition);
      const look = await flushAndSee(definition);
      const still = isExact(before[place] ?? once, look) && !(await bringsOwed(storage, once, look, upTo));
      return { definition, look, still };
    });
    before = looks.map(({ look }) => look);
    requireOwn(source, storage, before);
    const moving = looks.filter(({ still }) => !still).map(({ definition }) => fullName(definition));
    if (moving.length === 0 || left <= 1) return { upTo, looks };
    logger.info(`Milvus merges segments of ${moving.join(', ')}: they are looked at again`);
  }
}

/**
 * Before anything is written: of all segments that Milvus names at least one lies in this storage. STORAGE_FOREIGN. A
 * Milvus without a segment proves nothing, and has nothing to save.
 */
function requireOwn(source: EngineSource, storage: ObjectReader, looks: readonly Look[]): void {
  const [known, ...more] = looks.flatMap((look) => look.segments.map((segment) => ({ look, segment })));
  if (known === undefined) return;
  const held = [known, ...more].some(({ look, segment }) => look.files.has(segment.id));
  if (!held) throw foreign(source.address, storage, known.segment);
}

/** The list first: files of a segment in the list may be added meanwhile, but none of them is taken away for hours. */
export async function lookAt(
  { client }: Session,
  storage: ObjectReader,
  definition: CollectionDefinition,
  signal: AbortSignal,
): Promise<Look> {
  const listed = await client.persistentSegments(definition, signal);
  const separate = listed.find((one) => one.onlyDeletions);
  if (separate !== undefined) throw separateDeletions(definition, separate);
  const segments = listed.filter((one) => one.partition !== null && one.rows > 0);
  return { segments, files: await listFiles(storage, definition.collectionId) };
}

const separateDeletions = (definition: CollectionDefinition, segment: PersistentSegment): Error =>
  fail('SOURCE_UNSUPPORTED', {
    what: `Milvus keeps deletions of ${fullName(definition)} in segments of their own, which the engine segments cannot save yet`,
    got: `segment ${segment.id} of level 0`,
    next: 'Use the engine rows for this source',
  });

/**
 * Whether the second look holds exactly what the server held at a moment between the two: all that was written up to it
 * was flushed before the second look, and what came after it has later timestamps. Only a merge of segments could have
 * dropped rows that were deleted after the moment. Then a segment of the first look is gone, or files of a segment that
 * is in no list have come.
 */
export function isExact(before: Look, after: Look): boolean {
  const ids = new Set(after.segments.map(({ id }) => id));
  if (before.segments.some(({ id }) => !ids.has(id))) return false;
  const known = new Set(filesOf(before).map(({ source }) => source));
  return [...after.files].every(([id, files]) => ids.has(id) || files.every(({ source }) => known.has(source)));
}

/**
 * Whether a look has rows or deletions up to the moment that one before it, after a flush, had not. Timestamps and deletions
 * tell; a file that cannot be read yet may hold some.
 */
async function bringsOwed(storage: ObjectReader, once: Look, look: Look, upTo: string | null): Promise<boolean> {
  if (upTo === null) return false;
  const known = new Set(filesOf(once).map(({ source }) => source));
  for (const { source, field } of filesOf(look)) {
    if (known.has(source) || (field !== undefined && field !== TIMESTAMP_FIELD)) continue;
    const from = firstTime(await storage.get(source), source);
    if (from === null || from <= BigInt(upTo)) return true;
  }
  return false;
}

const filesOf = ({ files }: Look): readonly MilvusFile[] => [...files.values()].flat();

function firstTime(bytes: Uint8Array, source: string): bigint | null {
  try {
    return inspectLog(bytes, source).log.from;
  } catch (error) {
    if (!hasCode(error, 'OBJECT_DAMAGED')) throw error;
    return null;
  }
}
