import { fail } from '@milvault/shared';
import { abort, removeData } from '../backup/abandon.ts';
import { holdKey, holdOf } from '../backup/holds.ts';
import { readingsOf } from '../backup/reading.ts';
import { readSlot, slotOrNull } from '../backup/slots.ts';
import { owner, requireOwner, type RepositoryContext } from '../context.ts';
import { decodeSealed, encodeSealed, MAX_RECORD_BYTES, readLimited } from '../format/json.ts';
import {
  FOLDERS,
  makeKey,
  markerFolder,
  parseKey,
  pinFolder,
  readingFolder,
  reportFolder,
  type BackupRef,
} from '../format/names.ts';
import { MarkerRecord, TombRecord } from '../format/records.ts';
import { readRecords, type Records } from '../list/survey.ts';
import { isSilentNow, type GcRun } from './garbage.ts';

/**
 * Deletes one committed backup, in the order that no borrower can slip through: marker, look for pins, look again at all
 * decisions, holds, readers, the data of a tool, tomb, data. Until the tomb stands everything can be taken back; after it any run finishes the work.
 * BACKUP_NEEDED where somebody uses it.
 */
export async function buryBackup(
  context: RepositoryContext,
  run: GcRun,
  ref: BackupRef,
  reason: string,
): Promise<void> {
  const markerKey = makeKey({ kind: 'marker', ...ref, gcRunId: run.gcRunId });
  const marker: MarkerRecord = { ...owner(context, ref), gcRunId: run.gcRunId, markedAt: context.clock.now() };
  await context.driver.put(markerKey, encodeSealed(MarkerRecord, marker));
  try {
    await requireUnpinned(context, run, ref);
    await requireUnborrowed(context, ref);
    await requireUnheld(context, ref);
    await requireUnread(context, ref);
    // Last of what can fail, and before the tomb: a record outlives what it speaks of, and never the other way round.
    await releaseAtTool(context, ref);
  } catch (error) {
    await context.driver.remove(markerKey).catch((left: unknown) => {
      // A marker that stays does no harm: its backup is no base for others until a clean-up ends what it says.
      context.logger.warn({ object: markerKey, err: left }, 'a marker could not be removed');
    });
    throw error;
  }
  const tomb: TombRecord = {
    ...owner(context, ref),
    reason,
    deletedAt: context.clock.now(),
    gcRunId: run.gcRunId,
  };
  // Another run may have put it first, or our answer may be lost: a tomb is a tomb.
  await context.driver.create(makeKey({ kind: 'tomb', ...ref }), encodeSealed(TombRecord, tomb));
  await clearGrave(context, ref);
}

async function releaseAtTool(context: RepositoryContext, ref: BackupRef): Promise<void> {
  const slot = await readSlot(context, ref);
  if (slot.state === 'committed' && slot.tool !== undefined) await context.release(slot.engine, slot.tool);
}

/** Removes what is left of a backup that has a tomb. A run that dies here is finished by {@link gravesOf} of any other. */
async function clearGrave(context: RepositoryContext, ref: BackupRef): Promise<void> {
  await removeData(context, ref);
  await context.driver.remove(holdKey(ref));
  for (const folder of [reportFolder(ref), pinFolder(ref), readingFolder(ref), markerFolder(ref)]) {
    for await (const object of context.driver.list(folder)) await context.driver.remove(object.key);
  }
}

/**
 * Finishes what a run began that died after its tomb. A tomb that cannot be read orders nothing: OBJECT_DAMAGED.
 * Returns how many objects went.
 */
export async function finishBurial(context: RepositoryContext, ref: BackupRef): Promise<number> {
  const key = makeKey({ kind: 'tomb', ...ref });
  const tomb = decodeSealed(TombRecord, await readLimited(context.driver, key, MAX_RECORD_BYTES), key);
  requireOwner(context, tomb, ref, key);
  return removeData(context, ref);
}

/** Reports, pins, marks of readers, holds and markers of backups that have a tomb: left by a run that died, or written by a check that came late. */
export async function gravesOf(context: RepositoryContext, tombs: ReadonlyMap<string, BackupRef>): Promise<string[]> {
  const keys: string[] = [];
  for (const folder of [FOLDERS.reports, FOLDERS.pins, FOLDERS.readings, FOLDERS.holds, FOLDERS.markers]) {
    for await (const { key } of context.driver.list(folder)) {
      const name = parseKey(key);
      if (name !== null && 'backupId' in name && tombs.has(name.backupId)) keys.push(key);
    }
  }
  return keys;
}

/** Pins of holders that are decided: a committed one says itself what it needs. Their writers died before they took them off. */
export async function stalePins(context: RepositoryContext, { slots, tombs }: Records): Promise<string[]> {
  const decided = new Set([...slots.map(({ ref }) => ref.backupId), ...tombs.keys()]);
  const keys: string[] = [];
  for await (const { key } of context.driver.list(FOLDERS.pins)) {
    const name = parseKey(key);
    if (name?.kind === 'pin' && decided.has(name.holderId) && !tombs.has(name.backupId)) keys.push(key);
  }
  return keys;
}

/** Marks of readers that are over: they died, or could not take them off. */
export async function staleReadings({ driver, clock }: RepositoryContext): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of driver.list(FOLDERS.readings)) {
    const name = parseKey(key);
    if (name?.kind === 'reading' && name.until <= clock.now()) keys.push(key);
  }
  return keys;
}

/** A pin counts while its holder is committed, or is undecided and may live. */
async function requireUnpinned(context: RepositoryContext, run: GcRun, ref: BackupRef): Promise<void> {
  for await (const object of context.driver.list(pinFolder(ref))) {
    const name = parseKey(object.key);
    if (name?.kind !== 'pin') continue;
    const holder = { sourceId: ref.sourceId, backupId: name.holderId };
    const slot = await slotOrNull(context, holder);
    if (slot?.state === 'aborted') continue;
    const silent = slot === null && (await isSilentNow(context, run, holder));
    if (!silent || !(await abort(context, holder, 'its base is deleted')))
      throw needed(ref, `${name.holderId} holds it`);
  }
}

/** Reads all decisions again, after the marker: a borrower that came before it is seen here, a later one sees the marker. */
async function requireUnborrowed(context: RepositoryContext, ref: BackupRef): Promise<void> {
  await readSlot(context, ref);
  const { slots, damages } = await readRecords(context);
  const unread = damages.find((damage) => parseKey(damage.object)?.kind === 'slot');
  if (unread !== undefined) {
    throw fail('OBJECT_DAMAGED', {
      what: `Nothing is deleted while a decision record cannot be read: ${unread.message}`,
      details: { key: unread.object },
    });
  }
  for (const { slot } of slots) {
    if (slot.state === 'committed' && slot.refs.includes(ref.backupId))
      throw needed(ref, `${slot.name} borrows from it`);
  }
}

/** Asked after the marker stands: a hold that comes later sees the marker, and is refused. */
async function requireUnheld(context: RepositoryContext, ref: BackupRef): Promise<void> {
  const hold = await holdOf(context, ref);
  if (hold === null) return;
  throw fail('BACKUP_NEEDED', {
    what: `The backup ${ref.backupId} is on hold${hold.reason === null ? '' : `: ${hold.reason}`}`,
    next: `Release it first: milvault backup release ${ref.backupId}`,
    details: { backup: ref.backupId },
  });
}

/** A reader that comes later sees the marker. */
async function requireUnread(context: RepositoryContext, ref: BackupRef): Promise<void> {
  const now = context.clock.now();
  const [one] = (await readingsOf(context, ref)).filter(({ until }) => until > now);
  if (one === undefined) return;
  throw fail('BACKUP_NEEDED', {
    what: `The backup ${ref.backupId} must stay: a restore or a drill reads it`,
    next: `Delete it when that has ended, or cancel that; without a word of it ${new Date(one.until).toISOString()} is the end`,
    details: { backup: ref.backupId, until: one.until },
  });
}

const needed = (ref: BackupRef, why: string) =>
  fail('BACKUP_NEEDED', { what: `The backup ${ref.backupId} must stay: ${why}`, details: { backup: ref.backupId } });
