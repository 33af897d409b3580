import { hasCode, type Hold } from '@milvault/shared';
import { requireOwner, type RepositoryContext } from '../context.ts';
import { decodeSealed, MAX_RECORD_BYTES, readLimited } from '../format/json.ts';
import { makeKey, type BackupRef } from '../format/names.ts';
import { HoldRecord } from '../format/records.ts';

export const holdKey = (ref: BackupRef): string => makeKey({ kind: 'hold', ...ref });

/** The hold on a backup, or null. One that cannot be read is a hold all the same: nobody knows that it was released. */
export async function holdOf(context: RepositoryContext, ref: BackupRef): Promise<Hold | null> {
  const key = holdKey(ref);
  try {
    const record = decodeSealed(HoldRecord, await readLimited(context.driver, key, MAX_RECORD_BYTES), key);
    requireOwner(context, record, ref, key);
    return { at: record.heldAt, reason: record.reason };
  } catch (error) {
    if (hasCode(error, 'OBJECT_MISSING')) return null;
    if (!hasCode(error, 'OBJECT_DAMAGED')) throw error;
    context.logger.error({ object: key }, error.message);
    return { at: 0, reason: 'the record of the hold is damaged' };
  }
}
