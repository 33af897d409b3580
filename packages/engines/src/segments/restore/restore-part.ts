import { emptyArrayOf } from '@milvault/milvus';
import {
  countLive,
  segmentRows,
  segmentsOf,
  type CollectionIndex,
  type Repository,
  type SegmentEntry,
  type SegmentFile,
} from '@milvault/repository';
import { fail, type Column, type RowBatch } from '@milvault/shared';
import type { EngineContext, EngineSource, PlannedRestore, RestorePartResult, RestoreTry } from '../../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from '../../rows/at-once.ts';
import { piecesOf } from '../../rows/batches.ts';
import type { Session } from '../../rows/connect.ts';
import { REQUEST_BYTES } from '../../rows/restore/restore-part.ts';
import { definitionAs, stagingRef } from '../../rows/restore/staging.ts';
import type { SegmentsRestorePart, SegmentsRestorePlan } from '../parts.ts';
import { importSegments, type ImportLimits } from './import.ts';

/** Where a part's segments go, and by what. */
export interface PartPlace {
  readonly session: Session;
  readonly target: EngineSource;
  readonly repository: Repository;
  readonly plan: SegmentsRestorePlan;
  readonly part: SegmentsRestorePart;
  readonly planned: PlannedRestore;
  readonly context: EngineContext;
}

/** Brings the part's segments into the staging collection: by Import those that it brings back exactly, else by rows. */
export async function restorePart(
  place: Omit<PartPlace, 'planned'>,
  attempt: RestoreTry,
  limits: ImportLimits,
): Promise<RestorePartResult> {
  const { plan, part, repository } = place;
  const planned = plan.collections[part.collection];
  if (planned === undefined) throw fail('INTERNAL', { what: `Part ${part.number} names no collection of its plan` });
  const segments = part.segments.map((at) => segmentAt(planned.index, at));
  const whole: SegmentEntry[] = [];
  const pieces: SegmentEntry[] = [];
  for (const segment of segments) {
    const exact = part.way === 'import' && (await isExactlyImported(repository, planned.index, segment));
    (exact ? whole : pieces).push(segment);
  }
  const at = { ...place, planned };
  if (whole.length > 0) await importSegments(at, whole, attempt, limits);
  for (const segment of pieces) await writeRows(at, segment, attempt);
  return {
    number: part.number,
    collection: part.collection,
    rows: segments.reduce((sum, one) => sum + one.live, 0),
    bytes: segments.flatMap((one) => one.files).reduce((sum, file) => sum + file.size, 0),
  };
}

function segmentAt(index: CollectionIndex, place: number): SegmentEntry {
  const segment = segmentsOf(index).list[place];
  if (segment === undefined) throw fail('INTERNAL', { what: `There is no segment ${place} in its index` });
  return segment;
}

/**
 * Milvus 2.3 imports without a look at which came first, a row or the deletion of its key (milvus#29162): a row that
 * was written again after its deletion, or by an upsert, would be lost where both lie in one segment.
 */
async function isExactlyImported(
  repository: Repository,
  index: CollectionIndex,
  segment: SegmentEntry,
): Promise<boolean> {
  const { outlived } = await countLive((file) => repository.readLog(file), index, segment);
  return outlived === 0;
}

async function writeRows(
  { session, repository, planned, context }: PartPlace,
  segment: SegmentEntry,
  attempt: RestoreTry,
): Promise<void> {
  const { signal } = context;
  const definition = definitionAs(planned.index.definition, stagingRef(planned), planned.autoId);
  const partition = definition.partitionKeyMode ? null : segment.partition;
  const mode = attempt.redo ? 'upsert' : 'insert';
  const read = (file: SegmentFile): Promise<Uint8Array> => repository.readLog(file);
  for await (const batch of segmentRows(read, planned.index, segment, signal)) {
    const write = async (piece: RowBatch): Promise<void> => {
      const request = { definition, partition, batch: piece, mode, signal } as const;
      const sent = await session.gate.pass(() => session.client.write(request));
      context.onProgress({ rows: sent.rows, bytes: sent.wireBytes });
    };
    await mapAtOnce([...piecesOf(withEmptyArrays(batch), REQUEST_BYTES)], CALLS_AT_ONCE, write);
  }
}

/** A file may hold an array without elements as no bytes at all, which no Insert takes. */
const withEmptyArrays = (batch: RowBatch): RowBatch => ({ ...batch, columns: batch.columns.map(withEmptyArray) });

function withEmptyArray(column: Column): Column {
  const { field, data } = column;
  if (field.type !== 'Array' || data.kind !== 'bytes' || field.elementType === undefined) return column;
  const empty = emptyArrayOf(field.elementType);
  return { ...column, data: { kind: 'bytes', values: data.values.map((one) => (one.length === 0 ? empty : one)) } };
}
