import { METHODS } from '../protocol/methods.ts';
import type { CollectionRef, PersistentSegment } from '../port.ts';
import { retried } from '../transport/retry.ts';
import type { Transport } from '../transport/transport.ts';

/** SegmentLevel.L0: deletions that belong to no other segment (Milvus 2.4 and later). */
const LEVEL_ZERO = 1;

/** See MilvusClient.persistentSegments. */
export async function persistentSegments(
  transport: Transport,
  ref: CollectionRef,
  signal?: AbortSignal,
): Promise<PersistentSegment[]> {
  const named = { dbName: ref.database, collectionName: ref.collection };
  const options = { database: ref.database, signal };
  const partitions = await retried(transport.clock, signal, () =>
    transport.call(METHODS.showPartitions, named, options),
  );
  const names = new Map(partitions.partitionIDs.map((id, i) => [id, partitions.partitionNames[i] ?? null]));
  const reply = await retried(transport.clock, signal, () =>
    transport.call(METHODS.getPersistentSegmentInfo, named, options),
  );
  return reply.infos.map(({ segmentID, collectionID, partitionID, numRows, level }) => ({
    id: segmentID,
    collectionId: collectionID,
    partitionId: partitionID,
    partition: names.get(partitionID) ?? null,
    rows: Number(numRows),
    onlyDeletions: level === LEVEL_ZERO,
  }));
}
