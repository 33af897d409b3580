import { fieldIdsOf } from '@milvault/milvus';
import {
  countLive,
  inspectLog,
  TIMESTAMP_FIELD,
  type CollectionIndex,
  type ObjectReader,
  type SegmentEntry,
  type SegmentFile,
} from '@milvault/repository';
import { hasCode, type CollectionDefinition } from '@milvault/shared';
import type { EngineContext } from '../../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from '../../rows/at-once.ts';
import { primaryKeyOf } from '../../rows/backup/finish-backup.ts';
import type { Session } from '../../rows/connect.ts';
import { expires, obstacles } from '../../rows/doubts.ts';
import { fullName } from '../../rows/names.ts';
import type { MilvusFile, PlannedSegment } from '../parts.ts';
import { compareWith, type Compare } from './borrow.ts';
import type { Look } from './look.ts';

/**
 * How many rows the server counts, strongly; null where that cannot be compared with its files: it counts loaded partitions
 * only, and leaves out rows that expire before their files say so.
 */
export async function countedRows(
  { client }: Session,
  definition: CollectionDefinition,
  { signal, logger }: EngineContext,
): Promise<number | null> {
  if (expires(definition) || obstacles(definition).length > 0) return null;
  try {
    return await client.count({ definition, partition: null, signal });
  } catch (error) {
    // It was released since, or nobody gave us the right to query: files can be copied all the same.
    if (!hasCode(error, 'COLLECTION_NOT_LOADED', 'SOURCE_REJECTED', 'SOURCE_AUTH_FAILED')) throw error;
    logger.info({ err: error }, `the rows of ${fullName(definition)} cannot be counted`);
    return null;
  }
}

/** What a look is read by. */
export interface Filed {
  readonly definition: CollectionDefinition;
  readonly upTo: string | null;
  readonly lent: CollectionIndex | null;
}

/**
 * How many rows the files of a look hold at the moment: reads keys, timestamps and deletions, and nothing of segments that
 * the base has as they are. Null where a file is not whole yet.
 */
export async function rowsInFiles(storage: ObjectReader, filed: Filed, look: Look): Promise<number | null> {
  const compare = compareWith(filed.lent);
  try {
    const rows = await mapAtOnce(look.segments, CALLS_AT_ONCE, ({ id, partition, rows }) =>
      rowsOfSegment(storage, { ...filed, compare }, { id, partition: partition ?? '', rows }, look.files.get(id) ?? []),
    );
    return rows.reduce((sum, one) => sum + one, 0);
  } catch (error) {
    if (!hasCode(error, 'OBJECT_DAMAGED')) throw error;
    return null;
  }
}

async function rowsOfSegment(
  storage: ObjectReader,
  { definition, upTo, compare }: Omit<Filed, 'lent'> & { readonly compare: Compare },
  segment: Omit<PlannedSegment, 'files'>,
  files: readonly MilvusFile[],
): Promise<number> {
  const { kept } = compare(segment, files);
  if (kept !== null) return kept.live;
  const primaryKey = primaryKeyOf(definition);
  const keyId = fieldIdsOf(definition).get(primaryKey) ?? -1;
  const judged = files.filter(({ field }) => field === undefined || field === TIMESTAMP_FIELD || field === keyId);
  const read = new Map<string, Uint8Array>();
  const entries = await mapAtOnce(judged, CALLS_AT_ONCE, async (file): Promise<SegmentFile> => {
    const bytes = await storage.get(file.source);
    read.set(file.source, bytes);
    const { log, rows } = inspectLog(bytes, file.source);
    const { source: key, field, size } = file;
    const facts = { key, size, sha256: '', log: file.log, rows, to: log.to.toString() };
    return field === undefined ? facts : { ...facts, field };
  });
  const entry: SegmentEntry = { ...segment, live: segment.rows, files: entries };
  const index = {
    definition: { ...definition, fields: definition.fields.filter(({ name }) => name === primaryKey) },
    primaryKey,
    segments: { upTo, fields: [{ name: primaryKey, id: keyId }], list: [entry] },
  };
  const { live } = await countLive(async ({ key }) => read.get(key) ?? storage.get(key), index, entry);
  return live;
}
