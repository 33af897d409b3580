import type { CollectionIndex, Manifest, Repository } from '@milvault/repository';
import type { RestoreRequest, WouldRestore } from '../../port.ts';
import { chooseTargets, readIndexes } from './targets.ts';

/** A plan finds out more: it reads every stored byte and tries the target. */
export async function wouldRestore(
  repository: Repository,
  manifest: Manifest,
  request: RestoreRequest,
): Promise<WouldRestore> {
  const targets = chooseTargets(manifest, request);
  const { chosen, warnings } = await readIndexes(repository, manifest, targets, request.partitions);
  const collections = chosen.map(({ target: { from, to }, index }) => ({
    ...from,
    targetDatabase: to.database,
    targetCollection: to.collection,
    rows: index.rows,
    bytes: bytesOf(index),
  }));
  return { collections, warnings };
}

function bytesOf({ chunks, segments }: CollectionIndex): number {
  const files = [...chunks, ...(segments?.list ?? []).flatMap((segment) => segment.files)];
  return files.reduce((sum, { size }) => sum + size, 0);
}
