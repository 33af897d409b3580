import type { RepositoryContext } from '../context.ts';
import { FOLDERS, makeKey, markerFolder, parseKey, type BackupRef } from '../format/names.ts';

/**
 * What says that a backup is being deleted, or is gone; null where nothing does. Whoever needs a backup first writes that
 * down and then looks here; whoever deletes one first writes a marker and then looks for that: at least one sees the other.
 */
export async function whyLeaving(context: RepositoryContext, ref: BackupRef): Promise<string | null> {
  for await (const marker of context.driver.list(markerFolder(ref))) return `${marker.key} says that it is deleted`;
  return (await isBuried(context, ref)) ? 'it was deleted' : null;
}

export const isBuried = async (context: RepositoryContext, ref: BackupRef): Promise<boolean> =>
  (await context.driver.stat(makeKey({ kind: 'tomb', ...ref }))) !== null;

/** {@link import('../port.ts').Repository.leaving} */
export async function leaving(context: RepositoryContext): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for await (const { key } of context.driver.list(FOLDERS.markers)) {
    const name = parseKey(key);
    if (name?.kind === 'marker') ids.add(name.backupId);
  }
  return ids;
}
