import { timeOfId } from '@milvault/shared';
import { abort, removeData } from '../backup/abandon.ts';
import { namedKeys } from '../backup/files.ts';
import { readIndex, readManifest } from '../backup/read.ts';
import type { RepositoryContext } from '../context.ts';
import { FOLDERS, parseKey, type BackupRef } from '../format/names.ts';
import type { CommittedSlot } from '../format/records.ts';

/** What lies under `data/` of one id. */
export interface DataOf {
  readonly ref: BackupRef;
  readonly keys: string[];
  /** The newest change, by the store's clock. */
  modifiedAt: number;
}

/** Everything under `data/`, by backup. What is no key of ours is not in it, and so is never touched. */
export async function listData(context: RepositoryContext): Promise<Map<string, DataOf>> {
  const found = new Map<string, DataOf>();
  for await (const { key, modifiedAt } of context.driver.list(FOLDERS.data)) {
    const name = parseKey(key);
    if (name === null || !('backupId' in name)) continue;
    const { sourceId, backupId } = name;
    const data = found.get(backupId) ?? { ref: { sourceId, backupId }, keys: [], modifiedAt };
    data.keys.push(key);
    data.modifiedAt = Math.max(data.modifiedAt, modifiedAt);
    found.set(backupId, data);
  }
  return found;
}

/** Rule D2: in a committed backup, what its manifest does not name is garbage, left by writers that lost. */
export async function garbageOf(context: RepositoryContext, slot: CommittedSlot, data: DataOf): Promise<string[]> {
  const manifest = context.memo.manifests.get(slot.manifestKey) ?? (await readManifest(context, slot));
  const named = new Set([slot.manifestKey]);
  for (const entry of manifest.collections) {
    named.add(entry.indexKey);
    const index = context.memo.indexes.get(entry.indexKey) ?? (await readIndex(context, manifest, entry));
    for (const key of namedKeys(index)) named.add(key);
  }
  return data.keys.filter((key) => !named.has(key) && parseKey(key)?.kind !== 'intent');
}

/** Time only chooses whom to try: an id is old when both its own time and its newest object are. */
export const isUnfinishedSince = (data: DataOf, before: number): boolean =>
  data.modifiedAt < before && timeOfId(data.ref.backupId) < before;

/** Gives an unfinished backup up, and removes what it wrote. False where it was committed meanwhile. */
export async function giveUp(context: RepositoryContext, ref: BackupRef): Promise<boolean> {
  if (!(await abort(context, ref, 'unfinished for too long'))) return false;
  await removeData(context, ref);
  return true;
}
