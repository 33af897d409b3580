import {
  countLive,
  inspectLog,
  type BackupDraft,
  type CollectionIndex,
  type LogFacts,
  type ObjectReader,
  type Repository,
  type SegmentEntry,
  type SegmentFile,
} from '@milvault/repository';
import { EMPTY_SUM } from '@milvault/repository';
import { fail, hasCode, type CollectionDefinition } from '@milvault/shared';
import type { EngineContext, EngineSource } from '../../port.ts';
import { mapAtOnce } from '../../rows/at-once.ts';
import { orBaseFault } from '../../rows/backup/base.ts';
import { primaryKeyOf } from '../../rows/backup/finish-backup.ts';
import { fullName } from '../../rows/names.ts';
import type { PlannedFile, PlannedSegment, SegmentsPart, SegmentsPartResult } from '../parts.ts';
import { storageOf } from '../storage.ts';
import { FILES_PER_PART } from './group.ts';

/** Files of some 16 MiB that are copied at once. */
const FILES_AT_ONCE = 4;
/** Looks at a file that is shorter than it was listed, or in the middle of being written. */
const TRIES = 5;
const PAUSE_MS = 200;

/** Copies the files that the base lacks, and counts the rows that are there. Faults of the repository pass through. */
export async function backupPart(
  source: EngineSource,
  repository: Repository,
  draft: BackupDraft,
  part: SegmentsPart,
  fence: string,
  context: EngineContext,
): Promise<SegmentsPartResult> {
  const storage = storageOf(source, context.clock);
  const { definition, number } = part;
  const copy = async (file: PlannedFile, place: number): Promise<SegmentFile> => {
    if (place >= FILES_PER_PART) throw fail('INTERNAL', { what: `Part ${number} has too many files` });
    context.signal.throwIfAborted();
    const { bytes, facts } = await readFile(storage, file, context);
    const stored = await repository.putLog(draft, { definition, seq: number * FILES_PER_PART + place, fence, bytes });
    context.onProgress({ rows: 0, bytes: bytes.length });
    return {
      ...stored,
      ...(file.field === undefined ? {} : { field: file.field }),
      log: file.log,
      rows: facts.rows,
      to: facts.log.to.toString(),
    };
  };
  const files = part.segments.flatMap((segment) => segment.files);
  const copied = await mapAtOnce(
    files,
    FILES_AT_ONCE,
    async (file, place) => file.borrowed ?? (await copy(file, place)),
  );
  const segments: SegmentEntry[] = [];
  let taken = 0;
  for (const segment of part.segments) {
    const own = copied.slice(taken, taken + segment.files.length);
    taken += segment.files.length;
    segments.push(await finishSegment(repository, part, segment, own, draft));
    context.onProgress({ rows: segment.rows, bytes: 0 });
  }
  return {
    number,
    collection: part.collection,
    rows: segments.reduce((sum, one) => sum + one.rows, 0),
    bytes: copied.reduce((sum, one, i) => sum + (files[i]?.borrowed === null ? one.size : 0), 0),
    segments,
  };
}

interface ReadFile {
  readonly bytes: Uint8Array;
  readonly facts: LogFacts;
}

/**
 * A file as it was listed. One that is not may be in the middle of being written: it is looked at again. Then
 * STORAGE_OBJECT_DAMAGED, never a fault of the repository.
 */
async function readFile(storage: ObjectReader, file: PlannedFile, { clock, signal }: EngineContext): Promise<ReadFile> {
  for (let left = TRIES; ; left--) {
    const bytes = await storage.get(file.source);
    try {
      if (bytes.length !== file.size) throw wrong(file, `${file.size} bytes, as it was listed`, `${bytes.length}`);
      const facts = inspectLog(bytes, file.source);
      const field = facts.log.fieldId;
      if (file.field !== undefined && field !== file.field) throw wrong(file, `field ${file.field}`, `field ${field}`);
      return { bytes, facts };
    } catch (error) {
      if (!hasCode(error, 'OBJECT_DAMAGED', 'STORAGE_OBJECT_DAMAGED')) throw error;
      if (left <= 1) throw wrong(file, 'a whole log file of Milvus', error.message);
    }
    await clock.sleep(PAUSE_MS, signal);
  }
}

const wrong = (file: PlannedFile, expected: string, got: string): Error =>
  fail('STORAGE_OBJECT_DAMAGED', { what: `${file.source} is not what Milvus writes`, expected, got });

async function finishSegment(
  repository: Repository,
  part: SegmentsPart,
  segment: PlannedSegment,
  files: readonly SegmentFile[],
  draft: BackupDraft,
): Promise<SegmentEntry> {
  const { id, partition, rows } = segment;
  requireRows(part, segment, files);
  const entry: SegmentEntry = { id, partition, rows, live: rows, files };
  const counting = countLive(
    (file) => {
      const borrowed = segment.files.some((one) => one.borrowed?.key === file.key);
      return borrowed ? orBaseFault(draft.base ?? '', repository.readLog(file)) : repository.readLog(file);
    },
    indexLike(part, entry),
    entry,
  );
  return { ...entry, live: (await counting).live };
}

/** As much of an index as it takes to read one segment. */
const indexLike = (
  { definition, upTo, fields }: Pick<SegmentsPart, 'definition' | 'upTo' | 'fields'>,
  entry: SegmentEntry,
): Pick<CollectionIndex, 'definition' | 'segments' | 'primaryKey'> => ({
  definition,
  primaryKey: primaryKeyOf(definition),
  segments: { upTo, fields, list: [entry] },
});

/** Every field of a segment has as many rows as Milvus says: neither a file too few nor one too many was listed. */
function requireRows(
  { definition, fields }: SegmentsPart,
  { id, rows }: PlannedSegment,
  files: readonly SegmentFile[],
): void {
  for (const field of [1, ...fields.map((one) => one.id)]) {
    const held = files.filter((one) => one.field === field).reduce((sum, one) => sum + one.rows, 0);
    if (held === rows) continue;
    throw fail('ROW_COUNT_MISMATCH', {
      what: `The files of field ${field} of segment ${id} of ${fullName(definition)} are not all there, or too many`,
      expected: `${rows} rows, as Milvus says`,
      got: `${held}`,
      details: { database: definition.database, collection: definition.collection, segment: id, field },
    });
  }
}

export const indexOf = (
  definition: CollectionDefinition,
  segments: NonNullable<CollectionIndex['segments']>,
): CollectionIndex => {
  const rows = segments.list.reduce((sum, one) => sum + one.live, 0);
  return {
    definition,
    primaryKey: primaryKeyOf(definition),
    rows,
    contentSum: EMPTY_SUM,
    counted: { before: rows, after: rows },
    shadowedDuplicates: 0,
    chunks: [],
    segments,
  };
};
