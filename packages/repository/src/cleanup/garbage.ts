import { newId, timeOfId } from '@milvault/shared';
import { abort, removeData } from '../backup/abandon.ts';
import { namedKeys } from '../backup/files.ts';
import { readIndex, readManifest } from '../backup/read.ts';
import type { RepositoryContext } from '../context.ts';
import { dataFolder, FOLDERS, parseKey, type BackupRef } from '../format/names.ts';
import type { CommittedSlot } from '../format/records.ts';

/** What a run of the clean-up, or a deletion by hand, knows about itself. */
export interface GcRun {
  readonly gcRunId: string;
  /** Ids that are being written right now: never aborted by this run. */
  readonly active: ReadonlySet<string>;
  /** What is undecided and wrote nothing since then is given up. */
  readonly silentBefore: number;
}

const UNFINISHED_AGE = 24 * 60 * 60 * 1000;

export const newGcRun = (
  { clock }: RepositoryContext,
  {
    active,
    unfinishedAgeMs = UNFINISHED_AGE,
  }: { readonly active: readonly string[]; readonly unfinishedAgeMs?: number },
): GcRun => ({ gcRunId: newId(clock), active: new Set(active), silentBefore: clock.now() - unfinishedAgeMs });

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

/** Time only chooses whom to try: an id is silent when both its own time and its newest object are old. */
export const isSilent = ({ active, silentBefore }: GcRun, ref: BackupRef, modifiedAt: number): boolean =>
  !active.has(ref.backupId) && modifiedAt < silentBefore && timeOfId(ref.backupId) < silentBefore;

/** The same of an id whose objects were not listed yet. */
export async function isSilentNow(context: RepositoryContext, run: GcRun, ref: BackupRef): Promise<boolean> {
  for await (const { modifiedAt } of context.driver.list(dataFolder(ref))) {
    if (!isSilent(run, ref, modifiedAt)) return false;
  }
  return isSilent(run, ref, 0);
}

/** Gives an unfinished backup up, and removes what it wrote. False where it was committed meanwhile. */
export async function giveUp(context: RepositoryContext, ref: BackupRef): Promise<boolean> {
  if (!(await abort(context, ref, 'unfinished for too long'))) return false;
  await removeData(context, ref);
  return true;
}
