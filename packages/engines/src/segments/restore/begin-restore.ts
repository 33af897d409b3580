import { segmentRows, segmentsOf, type CollectionIndex, type Repository, type SegmentFile } from '@milvault/repository';
import type { EngineContext, RestorePlan } from '../../port.ts';
import { sliceBatch } from '../../rows/batches.ts';
import type { Session } from '../../rows/connect.ts';
import { prepareTarget } from '../../rows/restore/begin-restore.ts';
import type { SegmentsRestorePlan } from '../parts.ts';

export function beginRestore(
  session: Session,
  repository: Repository,
  plan: SegmentsRestorePlan,
  context: EngineContext,
): Promise<RestorePlan> {
  const imported = (index: CollectionIndex): boolean =>
    plan.ways[plan.collections.findIndex((one) => one.index === index)] === 'import';
  const means = {
    autoId: (index: CollectionIndex) => (imported(index) ? ('imported' as const) : null),
    firstRow: (index: CollectionIndex) => firstRow(repository, index, context.signal),
    loadsEarly: (index: CollectionIndex) => !imported(index),
  };
  return prepareTarget(session, means, plan, context);
}

async function firstRow(repository: Repository, index: CollectionIndex, signal: AbortSignal) {
  const read = (file: SegmentFile): Promise<Uint8Array> => repository.readLog(file);
  for (const segment of segmentsOf(index).list) {
    for await (const batch of segmentRows(read, index, segment, signal)) {
      return { partition: segment.partition, row: sliceBatch(batch, 0, 1) };
    }
  }
  return null;
}
