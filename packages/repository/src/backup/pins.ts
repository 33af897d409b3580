import { fail, hasCode } from '@milvault/shared';
import type { RepositoryContext } from '../context.ts';
import { makeKey, type BackupRef } from '../format/names.ts';
import type { BackupDraft } from '../port.ts';
import { isBuried, whyLeaving } from './leaving.ts';
import { knownSlot, slotOrNull } from './slots.ts';

const pinKey = (holder: BackupRef, base: string): string =>
  makeKey({ kind: 'pin', sourceId: holder.sourceId, backupId: base, holderId: holder.backupId });

/**
 * Says that a backup is about to borrow from another one: first the pin, then a look for markers, then for a tomb, so
 * that of a borrower and a deletion at least one sees the other (`docs/backup-format.md`, "Writing and deleting").
 * BASE_GONE where the base is being deleted or is gone; then no pin stays.
 */
export async function pinBase(context: RepositoryContext, holder: BackupRef, base: string): Promise<void> {
  const ref = { sourceId: holder.sourceId, backupId: base };
  await context.driver.put(pinKey(holder, base), new TextEncoder().encode('{}'));
  const why = await whyNot(context, ref);
  if (why === null) return;
  await unpin(context, holder, base);
  throw fail('BASE_GONE', { what: `The backup ${base} cannot be borrowed from: ${why}`, details: { base } });
}

async function whyNot(context: RepositoryContext, ref: BackupRef): Promise<string | null> {
  const leaving = await whyLeaving(context, ref);
  if (leaving !== null) return leaving;
  const slot = await slotOrNull(context, ref);
  return slot?.state === 'committed' ? null : 'it is not complete';
}

/** Once the holder is decided, its pin says nothing: what stays behind by a fault is removed by the clean-up. */
export async function unpin(context: RepositoryContext, holder: BackupRef, base: string): Promise<void> {
  try {
    await context.driver.remove(pinKey(holder, base));
  } catch (error) {
    if (!hasCode(error, 'REPO_WRITE_FAILED', 'REPO_NOT_WRITABLE', 'REPO_FULL')) throw error;
    context.logger.warn({ err: error, base }, 'a pin could not be removed');
  }
}

/** BASE_GONE where one of the backups that are borrowed from has a tomb: asked right before the decision. */
export async function requireOwners(
  context: RepositoryContext,
  sourceId: string,
  owners: readonly string[],
): Promise<void> {
  for (const backupId of owners) {
    if (!(await isBuried(context, { sourceId, backupId }))) continue;
    throw fail('BASE_GONE', { what: `The backup ${backupId}, which was borrowed from, was deleted meanwhile` });
  }
}

/** Backups whose files this one may borrow: its base, and those that the base itself borrows from. */
export async function lendersOf(context: RepositoryContext, holder: BackupDraft): Promise<readonly string[]> {
  if (holder.base === null) return [];
  const slot = await knownSlot(context, { sourceId: holder.sourceId, backupId: holder.base });
  return slot.state === 'committed' ? [holder.base, ...slot.refs] : [];
}
