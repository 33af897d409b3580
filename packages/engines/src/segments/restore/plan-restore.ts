import type { CollectionIndex, Manifest, Repository } from '@milvault/repository';
import type { EngineContext, EngineSource, RestoreRequest } from '../../port.ts';
import type { Session } from '../../rows/connect.ts';
import { planTargets } from '../../rows/restore/plan-restore.ts';
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
  const plan = await planTargets(session, repository, manifest, request, context);
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
