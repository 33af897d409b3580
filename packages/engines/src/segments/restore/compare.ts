import {
  addContentSums,
  contentSum,
  fingerprints,
  segmentRows,
  segmentsOf,
  type CollectionIndex,
  type Repository,
  type SegmentEntry,
} from '@milvault/repository';
import type { CollectionDefinition, Warning } from '@milvault/shared';
import type { EngineContext } from '../../port.ts';
import { cutKeys } from '../../rows/backup/cut-keys.ts';
import { readUnits } from '../../rows/backup/units.ts';
import type { Session } from '../../rows/connect.ts';
import { mismatch, sumOf } from '../../rows/restore/compare.ts';
import { warning } from '../../rows/warnings.ts';

/**
 * Counts a restored collection, reads every row of it back, and compares the contents with those of the saved files.
 * RESTORE_MISMATCH. Rows that others with the same key hide are counted alone: no query gives them.
 */
export async function compareSegments(
  session: Session,
  repository: Repository,
  index: CollectionIndex,
  restored: CollectionDefinition,
  context: EngineContext,
): Promise<readonly Warning[]> {
  const { signal } = context;
  const counted = await session.client.count({ definition: restored, partition: null, signal });
  if (counted !== index.rows) {
    throw mismatch(index, restored, `${index.rows} rows`, `${counted} rows by count(*)`, []);
  }
  const moment = await session.client.moment(signal);
  let hidden = 0;
  for (const partition of readUnits(restored)) {
    const segments = segmentsOf(index).list.filter((one) => partition === null || one.partition === partition);
    const rows = segments.reduce((sum, one) => sum + one.live, 0);
    if (rows === 0) continue;
    const cut = await cutKeys(session, { definition: restored, partition, moment, signal }, rows);
    const plan = { after: null, upTo: null, bounds: cut.bounds, rowsExpected: rows, rowBytes: cut.rowBytes };
    const [expected, got] = await Promise.all([
      sumOfSegments(repository, index, segments, signal),
      sumOf({ ...session, definition: restored, partition, moment }, plan, context),
    ]);
    if (got.rows < rows) hidden += rows - got.rows;
    else if (got.sum !== expected) {
      const where = partition === null ? '' : ` in partition ${partition}`;
      throw mismatch(index, restored, `content ${expected}${where}`, `content ${got.sum} of ${got.rows} rows`, []);
    }
  }
  return hidden === 0 ? [] : [warning('SHADOWED_DUPLICATES', index.definition, `${hidden} hidden rows`)];
}

async function sumOfSegments(
  repository: Repository,
  index: CollectionIndex,
  segments: readonly SegmentEntry[],
  signal: AbortSignal,
): Promise<string> {
  let sum = addContentSums();
  for (const segment of segments) {
    for await (const batch of segmentRows((file) => repository.readLog(file), index, segment, signal)) {
      sum = addContentSums(sum, contentSum(fingerprints(batch)));
    }
  }
  return sum;
}
