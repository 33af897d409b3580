import { fail, type Hold } from '@milvault/shared';
import { holdKey, holdOf } from '../backup/holds.ts';
import { whyLeaving } from '../backup/leaving.ts';
import { owner, requireSameRepository, type RepositoryContext } from '../context.ts';
import { encodeSealed } from '../format/json.ts';
import { HoldRecord } from '../format/records.ts';
import { committedSlot, locate } from '../list/survey.ts';

/**
 * {@link import('../port.ts').Repository.hold}
 *
 * In the order of a borrower: the hold first, then a look for markers and for a tomb, so that of a hold and a deletion at
 * least one sees the other.
 */
export async function hold(context: RepositoryContext, id: string, reason: string | null): Promise<Hold> {
  await requireSameRepository(context);
  const ref = await locate(context, id);
  await committedSlot(context, ref);
  const record: HoldRecord = { ...owner(context, ref), heldAt: context.clock.now(), reason };
  const made = await context.driver.create(holdKey(ref), encodeSealed(HoldRecord, record));
  const held = made === 'exists' ? await holdOf(context, ref) : { at: record.heldAt, reason };
  if (held !== null && (await whyLeaving(context, ref)) === null) return held;
  if (made === 'created') await context.driver.remove(holdKey(ref));
  throw fail('CONFLICT', {
    what: `The backup ${ref.backupId} is being deleted, or was released at this moment`,
    next: 'Look whether it is still listed in a minute; then hold it, or hold another one',
    details: { backup: ref.backupId },
  });
}

/** {@link import('../port.ts').Repository.release} */
export async function release(context: RepositoryContext, id: string): Promise<void> {
  await requireSameRepository(context);
  await context.driver.remove(holdKey(await locate(context, id)));
}
