import { fail, hasCode, ID_PATTERN, type Backup, type Damage, type Hold, type Proof } from '@milvault/shared';
import { requireOwner, type RepositoryContext } from '../context.ts';
import { decodeSealed, MAX_RECORD_BYTES, readLimited } from '../format/json.ts';
import { FOLDERS, parseKey, type BackupRef, type ObjectName } from '../format/names.ts';
import { ReportRecord, type CommittedSlot, type Slot } from '../format/records.ts';
import { mapLimited } from '../memo.ts';
import type { Survey } from '../port.ts';
import { holdOf } from '../backup/holds.ts';
import { knownSlot } from '../backup/slots.ts';
import { backupOf } from './backup-of.ts';

const READS_AT_ONCE = 16;

export interface Known {
  readonly ref: BackupRef;
  readonly slot: Slot;
  readonly proofs: readonly Proof[];
  readonly hold: Hold | null;
}

/** What the listings of a repository say. */
export interface Records {
  /** Every decision that has no tomb. */
  readonly slots: readonly Known[];
  /** Ids that were deleted. */
  readonly tombs: ReadonlyMap<string, BackupRef>;
  readonly damages: readonly Damage[];
}

/** All backups, and the records that cannot be read and so may hide one. */
export async function survey(context: RepositoryContext): Promise<Survey> {
  const { slots, damages } = await readRecords(context);
  const backups = slots.flatMap(({ slot, proofs, hold }) =>
    slot.state === 'committed' ? [backupOf(context, slot, proofs, hold)] : [],
  );
  backups.sort((a, b) => b.committedAt - a.committedAt || (a.id < b.id ? 1 : -1));
  return { backups, damages };
}

/**
 * Reads all decisions and reports. Tombs are listed after the slots: a backup that is deleted meanwhile is then seen as
 * deleted, never as missing. Any listing that fails rejects.
 */
export async function readRecords(context: RepositoryContext): Promise<Records> {
  const slotNames = await listNames(context, FOLDERS.slots, 'slot');
  const reportNames = await listNames(context, FOLDERS.reports, 'report');
  const holdNames = await listNames(context, FOLDERS.holds, 'hold');
  const tombs = await listTombs(context);
  const damages: Damage[] = [];
  const reports = new Map<string, ReportRecord[]>();
  const alive = reportNames.filter((one) => !tombs.has(one.name.backupId));
  await mapLimited(alive, READS_AT_ONCE, async ({ key, name }) => {
    const report = await reportOrNull(context, key, name, damages);
    if (report !== null) reports.set(name.backupId, [...(reports.get(name.backupId) ?? []), report]);
  });
  const held = new Set(holdNames.map((one) => one.name.backupId));
  const undeleted = slotNames.filter((one) => !tombs.has(one.name.backupId));
  const slots = await mapLimited(undeleted, READS_AT_ONCE, async ({ key, name }) => {
    const ref = { sourceId: name.sourceId, backupId: name.backupId };
    const slot = await knownSlot(context, ref).catch((error: unknown) => noteDamage(damages, key, error));
    if (slot === null) return [];
    const hold = held.has(name.backupId) ? await holdOf(context, ref) : null;
    return [{ ref, slot, proofs: newestProofs(reports.get(name.backupId) ?? []), hold }];
  });
  for (const damage of damages) context.logger.error({ object: damage.object }, damage.message);
  return { slots: slots.flat(), tombs, damages };
}

type Named<K extends ObjectName['kind']> = { readonly key: string; readonly name: Extract<ObjectName, { kind: K }> };

async function listNames<K extends ObjectName['kind']>(
  context: RepositoryContext,
  prefix: string,
  kind: K,
): Promise<Named<K>[]> {
  const names: Named<K>[] = [];
  for await (const { key } of context.driver.list(prefix)) {
    const name = parseKey(key);
    // The comparison of the kinds is the proof that the narrowing needs.
    if (name?.kind === kind) names.push({ key, name: name as Named<K>['name'] });
  }
  return names;
}

export async function listTombs(context: RepositoryContext): Promise<Map<string, BackupRef>> {
  const names = await listNames(context, FOLDERS.tombs, 'tomb');
  return new Map(names.map(({ name }) => [name.backupId, { sourceId: name.sourceId, backupId: name.backupId }]));
}

/** A record that is broken hides nothing else. Other faults reject. */
function noteDamage(damages: Damage[], key: string, error: unknown): null {
  const code = hasCode(error, 'OBJECT_MISSING') ? 'OBJECT_MISSING' : 'OBJECT_DAMAGED';
  if (!hasCode(error, code)) throw error;
  damages.push({ code, object: key, message: error.message });
  return null;
}

/** Unlike a decision, a report may vanish after it was listed: with its backup, by a clean-up. */
const reportOrNull = (
  context: RepositoryContext,
  key: string,
  name: Named<'report'>['name'],
  damages: Damage[],
): Promise<ReportRecord | null> =>
  readReport(context, key, name).catch((error: unknown) =>
    hasCode(error, 'OBJECT_MISSING') ? null : noteDamage(damages, key, error),
  );

async function readReport(
  context: RepositoryContext,
  key: string,
  name: Named<'report'>['name'],
): Promise<ReportRecord> {
  const known = context.memo.reports.get(key);
  if (known !== undefined) return known;
  const report = decodeSealed(ReportRecord, await readLimited(context.driver, key, MAX_RECORD_BYTES), key);
  requireOwner(context, report, name, key);
  // A report can be long; the list needs its result only.
  const short = { ...report, report: {} };
  context.memo.reports.set(key, short);
  return short;
}

/** The newest proof of each level, lowest level first. */
export function newestProofs(reports: readonly Pick<ReportRecord, 'proof'>[]): Proof[] {
  const newest = new Map<number, Proof>();
  for (const { proof } of reports) {
    const other = newest.get(proof.level);
    if (other === undefined || other.at <= proof.at) newest.set(proof.level, proof);
  }
  return [...newest.values()].sort((a, b) => a.level - b.level);
}

/** Where a backup is, by id or name. BACKUP_NOT_FOUND; CONFLICT where several have the name. */
export async function locate(context: RepositoryContext, idOrName: string): Promise<BackupRef> {
  if (new RegExp(ID_PATTERN).test(idOrName)) return locateId(context, idOrName);
  const { backups } = await survey(context);
  const found = backups.filter((backup) => backup.name === idOrName);
  const [first] = found;
  if (first === undefined) throw notFound(idOrName);
  if (found.length === 1) return { sourceId: first.source.id, backupId: first.id };
  throw fail('CONFLICT', {
    what: `${found.length} backups have the name ${idOrName}`,
    next: `Give one of their ids: ${found.map((backup) => backup.id).join(', ')}`,
    details: { ids: found.map((backup) => backup.id) },
  });
}

async function locateId(context: RepositoryContext, id: string): Promise<BackupRef> {
  const names = await listNames(context, FOLDERS.slots, 'slot');
  const name = names.find((one) => one.name.backupId === id)?.name;
  if (name === undefined || (await listTombs(context)).has(id)) throw notFound(id);
  return { sourceId: name.sourceId, backupId: name.backupId };
}

export const notFound = (idOrName: string) =>
  fail('BACKUP_NOT_FOUND', { what: `There is no backup ${JSON.stringify(idOrName)}`, details: { backup: idOrName } });

/** The decision record of a committed backup. BACKUP_NOT_FOUND where it was aborted. */
export async function committedSlot(context: RepositoryContext, ref: BackupRef): Promise<CommittedSlot> {
  const slot = await knownSlot(context, ref);
  if (slot.state === 'committed') return slot;
  throw notFound(ref.backupId);
}

export async function find(context: RepositoryContext, idOrName: string): Promise<Backup> {
  const ref = await locate(context, idOrName);
  const slot = await committedSlot(context, ref);
  const reports: ReportRecord[] = [];
  const damages: Damage[] = [];
  for await (const { key } of context.driver.list(`${FOLDERS.reports}${ref.sourceId}/${ref.backupId}/`)) {
    const name = parseKey(key);
    if (name?.kind !== 'report') continue;
    const report = await reportOrNull(context, key, name, damages);
    if (report !== null) reports.push(report);
  }
  for (const damage of damages) context.logger.error({ object: damage.object }, damage.message);
  return backupOf(context, slot, newestProofs(reports), await holdOf(context, ref));
}
