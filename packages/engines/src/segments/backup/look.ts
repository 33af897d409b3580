import type { PersistentSegment } from '@milvault/milvus';
import type { ObjectReader } from '@milvault/repository';
import { fail, type CollectionDefinition } from '@milvault/shared';
import type { EngineSource } from '../../port.ts';
import type { Session } from '../../rows/connect.ts';
import { fullName } from '../../rows/names.ts';
import type { MilvusFile } from '../parts.ts';
import { foreign, listFiles } from '../storage.ts';

/** What Milvus says of a collection, and what lies in its storage. */
export interface Look {
  /** Those with rows, of partitions that exist. */
  readonly segments: readonly PersistentSegment[];
  readonly files: ReadonlyMap<string, readonly MilvusFile[]>;
}

/**
 * Before anything is written: of all segments that Milvus names at least one lies in this storage. STORAGE_FOREIGN. A
 * Milvus without a segment proves nothing, and has nothing to save.
 */
export function requireOwn(source: EngineSource, storage: ObjectReader, looks: readonly Look[]): void {
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

export const filesOf = ({ files }: Look): readonly MilvusFile[] => [...files.values()].flat();
