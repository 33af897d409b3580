import { fail, hasCode, isStopped } from '@milvault/shared';
import { removeData } from '../backup/abandon.ts';
import { requireSameRepository, type RepositoryContext } from '../context.ts';
import { parseKey } from '../format/names.ts';
import { backupOf } from '../list/backup-of.ts';
import { readRecords, type Records } from '../list/survey.ts';
import type { CleanupOptions, CleanupReport, Guarded } from '../port.ts';
import { garbageOf, giveUp, isSilent, listData, newGcRun, type DataOf, type GcRun } from './garbage.ts';
import { decideRetention, type Candidate } from './retention.ts';
import { buryBackup, finishBurial, gravesOf, stalePins, staleReadings } from './tomb.ts';

const TEMP_AGE = 24 * 60 * 60 * 1000;

/** The report while it is being made. */
interface Progress {
  readonly removed: { id: string; reason: string }[];
  readonly kept: { id: string; reason: string }[];
  readonly failed: { id: string; message: string }[];
  readonly abandoned: string[];
  guarded: readonly Guarded[];
  orphans: number;
}

interface Cleanup {
  readonly context: RepositoryContext;
  readonly options: CleanupOptions;
  readonly run: GcRun;
  readonly progress: Progress;
}

/** {@link import('../port.ts').Repository.cleanup} */
export async function cleanup(context: RepositoryContext, options: CleanupOptions): Promise<CleanupReport> {
  await requireSameRepository(context);
  const progress: Progress = { removed: [], kept: [], failed: [], abandoned: [], guarded: [], orphans: 0 };
  const run = newGcRun(context, options);
  const job: Cleanup = { context, options, run, progress };

  // Listed before the decisions: what has data and no decision below was already there when the decisions were read.
  const data = await listData(context);
  const records = await readRecords(context);
  requireReadable(records);
  await applyRetention(job, records);
  await removeRemains(job, records, data);
  await removeUnfinished(job, records, data);
  await removeGarbage(job, records, data);
  if (!options.dryRun) progress.orphans += await context.driver.sweep(TEMP_AGE);
  return { ...progress, dryRun: options.dryRun };
}

/** Rule D3: a decision that cannot be read may be that of a backup which needs what is deleted here. */
function requireReadable(records: Records): void {
  const unread = records.damages.find((damage) => parseKey(damage.object)?.kind === 'slot');
  if (unread === undefined) return;
  throw fail('OBJECT_DAMAGED', {
    what: `Nothing is cleaned up while a decision record cannot be read: ${unread.message}`,
    next: 'Bring the file back from a copy of the repository; or, if that backup is given up, move the file away',
    details: { key: unread.object },
  });
}

async function applyRetention(job: Cleanup, records: Records): Promise<void> {
  const { context, options, progress } = job;
  const candidates: Candidate[] = records.slots.flatMap(({ slot, proofs, hold }) =>
    slot.state === 'committed' ? [{ backup: backupOf(context, slot, proofs, hold), refs: slot.refs }] : [],
  );
  const { decisions, guarded } = decideRetention(candidates, options.rules, {
    now: context.clock.now(),
    force: options.force ?? false,
  });
  progress.guarded = guarded;
  const sources = new Map(records.slots.map(({ ref }) => [ref.backupId, ref.sourceId]));
  // A borrower has a later id than what it borrows from, so it goes first.
  for (const { id, keep, reason } of [...decisions].sort((a, b) => (a.id < b.id ? 1 : -1))) {
    if (keep) {
      progress.kept.push({ id, reason });
      continue;
    }
    const ref = { sourceId: sources.get(id) ?? '', backupId: id };
    const done = await each(job, id, () => buryBackup(context, job.run, ref, reason));
    if (done) progress.removed.push({ id, reason });
  }
}

/** Runs one step for one backup: a fault is noted and the next backup has its turn. A dry run leaves the step out. */
async function each(job: Cleanup, id: string, work: () => Promise<void>): Promise<boolean> {
  job.options.signal?.throwIfAborted();
  if (job.options.dryRun) return true;
  try {
    await work();
    return true;
  } catch (error) {
    if (isStopped(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    if (hasCode(error, 'BACKUP_NEEDED')) {
      // Somebody borrows from it, holds it or reads it since the decision: its time comes with a later clean-up.
      job.progress.kept.push({ id, reason: message });
      return false;
    }
    job.context.logger.error({ backup: id, err: error }, 'the clean-up of a backup failed');
    job.progress.failed.push({ id, message });
    return false;
  }
}

/** Finishes what other runs began: all that is left of ids that have a tomb, and data of ids that were aborted (rule D1). */
async function removeRemains(job: Cleanup, records: Records, data: ReadonlyMap<string, DataOf>): Promise<void> {
  const { context, options, progress } = job;
  const aborted = new Set(records.slots.flatMap(({ ref, slot }) => (slot.state === 'aborted' ? [ref.backupId] : [])));
  for (const { ref, keys } of data.values()) {
    const buried = records.tombs.has(ref.backupId);
    if (!buried && !aborted.has(ref.backupId)) continue;
    const done = await each(job, ref.backupId, async () => {
      await (buried ? finishBurial(context, ref) : removeData(context, ref));
    });
    if (done) progress.orphans += keys.length;
  }
  const graves = [
    ...(await gravesOf(context, records.tombs)),
    ...(await stalePins(context, records)),
    ...(await staleReadings(context)),
  ];
  if (!options.dryRun) for (const key of graves) await context.driver.remove(key);
  progress.orphans += graves.length;
}

async function removeUnfinished(job: Cleanup, records: Records, data: ReadonlyMap<string, DataOf>): Promise<void> {
  const { context, progress, run } = job;
  const decided = new Set([...records.tombs.keys(), ...records.slots.map(({ ref }) => ref.backupId)]);
  for (const { ref, modifiedAt } of data.values()) {
    if (decided.has(ref.backupId) || !isSilent(run, ref, modifiedAt)) continue;
    let given = true;
    const done = await each(job, ref.backupId, async () => {
      given = await giveUp(context, ref);
    });
    if (done && given) progress.abandoned.push(ref.backupId);
  }
}

async function removeGarbage(job: Cleanup, records: Records, data: ReadonlyMap<string, DataOf>): Promise<void> {
  const { context, options, progress } = job;
  const gone = new Set(progress.removed.map((one) => one.id));
  for (const { ref, slot } of records.slots) {
    const found = data.get(ref.backupId);
    if (slot.state !== 'committed' || found === undefined || gone.has(ref.backupId)) continue;
    options.signal?.throwIfAborted();
    try {
      const garbage = await garbageOf(context, slot, found);
      if (!options.dryRun) for (const key of garbage) await context.driver.remove(key);
      progress.orphans += garbage.length;
    } catch (error) {
      if (isStopped(error)) throw error;
      progress.failed.push({ id: ref.backupId, message: error instanceof Error ? error.message : String(error) });
    }
  }
}
