import type { PersistentSegment } from '@milvault/milvus';
import { openObjects, type ObjectReader } from '@milvault/repository';
import { fail, type Clock } from '@milvault/shared';
import type { EngineSource } from '../port.ts';
import type { MilvusFile } from './parts.ts';

/** The storage of a Milvus, by its configuration. OPTION_UNSUPPORTED where nobody told where it is. */
export function storageOf(source: EngineSource, clock: Clock): ObjectReader {
  if (source.storage !== undefined && source.storage !== null) return openObjects(source.storage, clock);
  throw fail('OPTION_UNSUPPORTED', {
    what: `Nobody told where ${source.address} keeps its files`,
    expected: '`storage` of the source: a folder, or s3://bucket/prefix',
    got: 'none',
    next: 'Name the storage of the source, or use the engine rows',
  });
}

const INSERT_LOGS = 'insert_log/';
const DELTA_LOGS = 'delta_log/';

/** Files of the segments of a collection, by segment: of all that lie there, also of those that Milvus has given up. */
export async function listFiles(storage: ObjectReader, collectionId: string): Promise<Map<string, MilvusFile[]>> {
  const found = new Map<string, MilvusFile[]>();
  const add = (segment: string, file: MilvusFile): void => {
    found.set(segment, [...(found.get(segment) ?? []), file]);
  };
  for await (const { key, size } of storage.list(`${INSERT_LOGS}${collectionId}/`)) {
    const [, segment, field, log] = INSERT_LOG.exec(key) ?? [];
    if (segment === undefined || field === undefined || log === undefined) continue;
    add(segment, { source: key, size, field: Number(field), log });
  }
  for await (const { key, size } of storage.list(`${DELTA_LOGS}${collectionId}/`)) {
    const [, segment, log] = DELTA_LOG.exec(key) ?? [];
    if (segment !== undefined && log !== undefined) add(segment, { source: key, size, log });
  }
  return found;
}

/** insert_log/<collection>/<partition>/<segment>/<field>/<log>, delta_log/<collection>/<partition>/<segment>/<log>. */
const INSERT_LOG = /^insert_log\/\d+\/\d+\/(\d+)\/(\d+)\/(\d+)$/;
const DELTA_LOG = /^delta_log\/\d+\/\d+\/(\d+)\/(\d+)$/;

/** Whether a segment that Milvus says it holds lies in this storage: no two of them have one number. */
export async function holdsSegment(storage: ObjectReader, segment: PersistentSegment): Promise<boolean> {
  const { collectionId, partitionId, id } = segment;
  for await (const { key } of storage.list(`${INSERT_LOGS}${collectionId}/${partitionId}/${id}/`)) {
    if (INSERT_LOG.test(key)) return true;
  }
  return false;
}

export const foreign = (address: string, storage: ObjectReader, segment: PersistentSegment): Error =>
  fail('STORAGE_FOREIGN', {
    what: `${storage.place} is not where ${address} keeps its files`,
    expected: `files of segment ${segment.id} of collection ${segment.collectionId}, which this Milvus holds`,
    got: 'none of them',
    details: { place: storage.place, segment: segment.id },
  });
