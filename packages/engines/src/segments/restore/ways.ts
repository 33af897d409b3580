import { segmentsOf, type CollectionIndex, type ObjectReader, type SegmentEntry } from '@milvault/repository';
import type { CollectionDefinition, DataTypeName } from '@milvault/shared';
import type { EngineSource } from '../../port.ts';
import type { Session } from '../../rows/connect.ts';
import type { RestoreWay, SegmentsRestorePart } from '../parts.ts';
import { foreign, holdsSegment } from '../storage.ts';

/** Types that an Import of log files takes: tried on Milvus 2.3.5, which refuses half floats there. */
const IMPORTED: ReadonlySet<DataTypeName> = new Set<DataTypeName>([
  'Bool',
  'Int8',
  'Int16',
  'Int32',
  'Int64',
  'Float',
  'Double',
  'VarChar',
  'JSON',
  'Array',
  'BinaryVector',
  'FloatVector',
]);

/**
 * Stored bytes from which an import is worth it: it takes Milvus 2.3.5 one to three seconds however small it is, and it
 * imports one after the other.
 */
export const IMPORT_FROM_BYTES = 8 * 1024 * 1024;

/**
 * By Import where the target's storage can be written, all types may come in so, and it is worth it; else row by row. Only
 * an import brings keys back into a collection that makes keys itself.
 */
export function wayOf(
  { lite }: Session,
  { storage }: EngineSource,
  { definition, segments }: CollectionIndex,
  fromBytes: number,
): RestoreWay {
  const may = !lite && storage !== undefined && storage !== null;
  if (!may || !definition.fields.every((field) => IMPORTED.has(field.type) && !field.functionOutput)) return 'rows';
  const worth = makesKeys(definition) || bytesOf(segments?.list ?? []) >= fromBytes;
  return worth ? 'import' : 'rows';
}

const makesKeys = ({ fields }: CollectionDefinition): boolean => fields.some((field) => field.autoId);

const bytesOf = (segments: readonly SegmentEntry[]): number =>
  segments.flatMap(({ files }) => files).reduce((sum, file) => sum + file.size, 0);

/**
 * Before anything is written there: a segment that the target holds lies in the storage that was configured for it.
 * STORAGE_FOREIGN. A target without any segment proves nothing: there the rows that an import counts will.
 */
export async function requireOwnStorage(
  { client }: Session,
  source: EngineSource,
  storage: ObjectReader,
  signal: AbortSignal,
): Promise<void> {
  for (const { name: database } of await client.databases(signal)) {
    for (const collection of await client.collections(database, signal)) {
      const segments = await client.persistentSegments({ database, collection }, signal).catch(() => []);
      const known = segments.find((one) => one.rows > 0);
      if (known === undefined) continue;
      if (await holdsSegment(storage, known)) return;
      throw foreign(source.address, storage, known);
    }
  }
}

const MIB = 1024 * 1024;
/** One import is one task of the server, which takes them in turn; rows are written by several workers at once. */
const PART_BYTES: Readonly<Record<RestoreWay, number>> = { import: 512 * MIB, rows: 64 * MIB };

/** Segments of one partition each, put together into parts of about equal size. */
export function restoreParts(
  indexes: readonly CollectionIndex[],
  ways: readonly RestoreWay[],
  fromBytes: number,
): SegmentsRestorePart[] {
  const parts: Omit<SegmentsRestorePart, 'number'>[] = [];
  for (const [collection, index] of indexes.entries()) {
    const way = ways[collection] ?? 'rows';
    for (const { partition, segments, bytes } of groupsOf(segmentsOf(index).list, PART_BYTES[way])) {
      const worth = way === 'import' && (makesKeys(index.definition) || bytes >= fromBytes);
      parts.push({ collection, partition, segments, way: worth ? 'import' : 'rows' });
    }
  }
  return parts.map((part, number) => ({ ...part, number }));
}

interface SegmentGroup {
  readonly partition: string;
  readonly segments: number[];
  bytes: number;
}

function groupsOf(list: readonly SegmentEntry[], limit: number): SegmentGroup[] {
  const groups: SegmentGroup[] = [];
  const open = new Map<string, SegmentGroup>();
  for (const [place, segment] of list.entries()) {
    if (segment.live === 0) continue;
    const size = bytesOf([segment]);
    const group = open.get(segment.partition);
    if (group !== undefined && group.bytes + size <= limit) {
      group.segments.push(place);
      group.bytes += size;
      continue;
    }
    const next = { partition: segment.partition, segments: [place], bytes: size };
    open.set(segment.partition, next);
    groups.push(next);
  }
  return groups;
}
