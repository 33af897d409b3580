import type { CollectionIndex, ObjectReader } from '@milvault/repository';
import { segmentsOf } from '@milvault/repository';
import type { DataTypeName } from '@milvault/shared';
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

/** By Import where the target's storage can be written and all types may come in so; else row by row. */
export const wayOf = ({ lite }: Session, { storage }: EngineSource, { definition }: CollectionIndex): RestoreWay => {
  const may = !lite && storage !== undefined && storage !== null;
  return may && definition.fields.every((field) => IMPORTED.has(field.type) && !field.functionOutput)
    ? 'import'
    : 'rows';
};

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
export function restoreParts(indexes: readonly CollectionIndex[], ways: readonly RestoreWay[]): SegmentsRestorePart[] {
  const parts: Omit<SegmentsRestorePart, 'number'>[] = [];
  for (const [collection, index] of indexes.entries()) {
    const limit = PART_BYTES[ways[collection] ?? 'rows'];
    const open = new Map<string, { segments: number[]; bytes: number }>();
    for (const [place, segment] of segmentsOf(index).list.entries()) {
      if (segment.live === 0) continue;
      const size = segment.files.reduce((sum, file) => sum + file.size, 0);
      const group = open.get(segment.partition);
      if (group !== undefined && group.bytes + size <= limit) {
        group.segments.push(place);
        group.bytes += size;
        continue;
      }
      const segments = [place];
      open.set(segment.partition, { segments, bytes: size });
      parts.push({ collection, partition: segment.partition, segments });
    }
  }
  return parts.map((part, number) => ({ ...part, number }));
}
