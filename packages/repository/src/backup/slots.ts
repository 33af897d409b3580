import { requireOwner, type RepositoryContext } from '../context.ts';
import { damaged, decodeSealed, MAX_RECORD_BYTES, parseText, readLimited } from '../format/json.ts';
import { makeKey, type BackupRef } from '../format/names.ts';
import { AbortedSlot, CommittedSlot, type Slot } from '../format/records.ts';
import { hasCode } from '@milvault/shared';

/** The decision record as it lies there now. OBJECT_MISSING where nothing was decided, OBJECT_DAMAGED. */
export async function readSlot(context: RepositoryContext, ref: BackupRef): Promise<Slot> {
  const key = makeKey({ kind: 'slot', ...ref });
  const bytes = await readLimited(context.driver, key, MAX_RECORD_BYTES);
  const value = parseText(bytes, key);
  const state = typeof value === 'object' && value !== null && 'state' in value ? value.state : undefined;
  if (state !== 'committed' && state !== 'aborted') throw damaged(key, 'it is neither committed nor aborted');
  const slot = state === 'committed' ? decodeSealed(CommittedSlot, bytes, key) : decodeSealed(AbortedSlot, bytes, key);
  requireOwner(context, slot, ref, key);
  context.memo.slots.set(key, slot);
  return slot;
}

/** The same, from memory where it was read before: a decision never changes. */
export async function knownSlot(context: RepositoryContext, ref: BackupRef): Promise<Slot> {
  return context.memo.slots.get(makeKey({ kind: 'slot', ...ref })) ?? (await readSlot(context, ref));
}

/** The decision, or null where there is none yet. Always read anew. */
export async function slotOrNull(context: RepositoryContext, ref: BackupRef): Promise<Slot | null> {
  try {
    return await readSlot(context, ref);
  } catch (error) {
    if (hasCode(error, 'OBJECT_MISSING')) return null;
    throw error;
  }
}
