import {
  segmentRows,
  segmentsOf,
  type CollectionIndex,
  type Manifest,
  type Repository,
  type SegmentFile,
} from '@milvault/repository';
import type { EngineContext, EngineSource, RestoreRequest } from '../../port.ts';
import { sliceBatch } from '../../rows/batches.ts';
import type { Session } from '../../rows/connect.ts';
import { planTargets } from '../../rows/restore/plan-restore.ts';
import type { TrialMeans } from '../../rows/restore/trial.ts';
import type { SegmentsRestorePlan } from '../parts.ts';
import { storageOf } from '../storage.ts';
import { requireOwnStorage, restoreParts, wayOf } from './ways.ts';

/** As a restore of rows is planned; and by which way each collection comes back. */
export async function planRestore(
  session: Session,
  target: EngineSource,
  repository: Repository,
  manifest: Manifest,
  request: RestoreRequest,
  context: EngineContext,
  importFromBytes: number,
): Promise<SegmentsRestorePlan> {
  const { signal, clock, logger } = context;
  const way = (index: CollectionIndex) => wayOf(session, target, index, importFromBytes);
  const means: TrialMeans = {
    autoId: (index) => (way(index) === 'import' ? 'imported' : null),
    firstRow: (index) => firstRow(repository, index, signal),
  };
  const plan = await planTargets(session, repository, manifest, request, means, context);
  const indexes = plan.collections.map((one) => one.index);
  const ways = indexes.map(way);
  if (ways.includes('import')) await requireOwnStorage(session, target, storageOf(target, clock), signal);
  for (const [place, { stagingCollection }] of plan.collections.entries()) {
    logger.info({ collection: stagingCollection }, `Its rows come back by ${ways[place] ?? 'rows'}`);
  }
  return { ...plan, ways, token: tokenOf(plan.collections), parts: restoreParts(indexes, ways, importFromBytes) };
}

/** The end of every staging name of this restore. */
const tokenOf = (collections: SegmentsRestorePlan['collections']): string =>
  /[0-9a-z]+$/.exec(collections[0]?.stagingCollection ?? '')?.[0] ?? 'none';

async function firstRow(repository: Repository, index: CollectionIndex, signal: AbortSignal) {
  const read = (file: SegmentFile): Promise<Uint8Array> => repository.readLog(file);
  for (const segment of segmentsOf(index).list) {
    for await (const batch of segmentRows(read, index, segment, signal)) {
      return { partition: segment.partition, row: sliceBatch(batch, 0, 1) };
    }
  }
  return null;
}
