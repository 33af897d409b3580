import { dataFolder, parseKey, type BackupRef } from '../format/names.ts';
import type { CollectionIndex, DeletionVector, SegmentFile } from '../port.ts';

type Listed = Pick<CollectionIndex, 'chunks' | 'segments'>;

export const vectorsOf = ({ chunks }: Listed): DeletionVector[] => chunks.flatMap((chunk) => chunk.deletions ?? []);

export const logsOf = ({ segments }: Listed): SegmentFile[] => segments?.list.flatMap(({ files }) => files) ?? [];

/** Keys of all objects that an index names, each once. */
export const namedKeys = (index: Listed): string[] => [
  ...index.chunks.map((chunk) => chunk.key),
  ...logsOf(index).map((file) => file.key),
  ...new Set(vectorsOf(index).map((vector) => vector.key)),
];

export interface Bytes {
  readonly own: number;
  readonly total: number;
}

/** Bytes of all files that an index names, and of those that this backup wrote. */
export function bytesOfIndex(index: Listed, ref: BackupRef): Bytes {
  const folder = dataFolder(ref);
  let [own, total] = [0, 0];
  for (const { key, size } of [...index.chunks, ...logsOf(index), ...vectorsOf(index)]) {
    total += size;
    if (key.startsWith(folder)) own += size;
  }
  return { own, total };
}

/** Ids of the other backups whose files an index names, sorted. */
export function ownersOf(indexes: readonly Listed[], ref: BackupRef): string[] {
  const owners = new Set<string>();
  for (const key of indexes.flatMap(namedKeys)) {
    const name = parseKey(key);
    if (name !== null && 'backupId' in name && name.backupId !== ref.backupId) owners.add(name.backupId);
  }
  return [...owners].sort();
}
