import type { Column, RowBatch } from '@milvault/shared';
import type { RowReader } from '../export/port.ts';
import { pickRows } from '../format/pick-rows.ts';
import type { CollectionIndex, Repository, SegmentEntry } from '../port.ts';
import { fileOf, liveRuns } from './live.ts';
import { loggedFields, readValues, segmentsOf, type ReadLog } from './logs.ts';

/** The rows of a segment that are there, a run of its log files at a time. OBJECT_DAMAGED, OBJECT_MISSING. */
export async function* segmentRows(
  read: ReadLog,
  index: CollectionIndex,
  segment: SegmentEntry,
  signal: AbortSignal,
): AsyncGenerator<RowBatch> {
  const fields = loggedFields(index);
  for await (const { run, live, places } of liveRuns(read, index, segment)) {
    signal.throwIfAborted();
    if (live === 0) continue;
    const columns: Column[] = [];
    for (const { id, shape } of fields) {
      columns.push({ field: shape, data: await readValues(read, fileOf(run, id), shape), valid: null });
    }
    const batch: RowBatch = { rows: run.rows, primaryKey: index.primaryKey, columns };
    yield places === null ? batch : pickRows(batch, places);
  }
}

/** The {@link RowReader} of backups by the engine `segments`. */
export const createSegmentsReader = ({ readLog }: Pick<Repository, 'readLog'>): RowReader => ({
  async *rows(index, signal, partitions) {
    const wanted = new Set(partitions);
    for (const segment of segmentsOf(index).list) {
      if (!wanted.has(segment.partition)) continue;
      for await (const batch of segmentRows(readLog, index, segment, signal)) {
        yield { partition: segment.partition, batch };
      }
    }
  },
});
