import { newId } from '@milvault/shared';
import { owner, requireSameRepository, type RepositoryContext } from '../context.ts';
import { encodeSealed } from '../format/json.ts';
import { dataFolder, makeKey, parseKey, type BackupRef } from '../format/names.ts';
import { AbortedSlot } from '../format/records.ts';
import { mapLimited } from '../memo.ts';
import type { UnfinishedRef } from '../port.ts';
import { unpin } from './pins.ts';
import { readSlot, slotOrNull } from './slots.ts';

const REMOVALS_AT_ONCE = 8;

/** {@link import('../port.ts').Repository.abandon} */
export async function abandon(context: RepositoryContext, ref: UnfinishedRef, reason: string): Promise<boolean> {
  await requireSameRepository(context);
  const given = await abort(context, ref, reason);
  if (given) await removeData(context, ref);
  if (ref.base !== undefined && ref.base !== null) await unpin(context, ref, ref.base);
  return given;
}

/**
 * Decides that a backup will never exist. False where it was committed first. Its data may be deleted only after this
 * (rule D1): a writer that still lives then loses its commit instead of its chunks.
 */
export async function abort(context: RepositoryContext, ref: BackupRef, reason: string): Promise<boolean> {
  const slot: AbortedSlot = {
    ...owner(context, ref),
    state: 'aborted',
    attempt: newId(context.clock),
    reason,
    abortedAt: context.clock.now(),
  };
  try {
    if ((await context.driver.create(makeKey({ kind: 'slot', ...ref }), encodeSealed(AbortedSlot, slot))) === 'created')
      return true;
  } catch (error) {
    // The answer may be lost and the record there all the same.
    const decided = await slotOrNull(context, ref);
    if (decided === null) throw error;
    return decided.state === 'aborted';
  }
  return (await readSlot(context, ref)).state === 'aborted';
}

/** Removes all data of a backup that is aborted or has a tomb: chunks first, what names them last. Returns how many. */
export async function removeData(context: RepositoryContext, ref: BackupRef): Promise<number> {
  const keys: string[] = [];
  for await (const object of context.driver.list(dataFolder(ref))) keys.push(object.key);
  const names = (key: string): boolean => ['manifest', 'index', 'intent'].includes(parseKey(key)?.kind ?? '');
  await mapLimited(
    keys.filter((key) => !names(key)),
    REMOVALS_AT_ONCE,
    (key) => context.driver.remove(key),
  );
  for (const key of keys.filter(names)) await context.driver.remove(key);
  return keys.length;
}
