import { newId, type Proof } from '@milvault/shared';
import { owner, type RepositoryContext } from '../context.ts';
import { encodeSealed } from '../format/json.ts';
import { makeKey, type BackupRef } from '../format/names.ts';
import { ReportRecord } from '../format/records.ts';
import { committedSlot } from '../list/survey.ts';

/** Stores what a check found, beside the backup. */
export async function addProof(
  context: RepositoryContext,
  ref: BackupRef,
  proof: Proof,
  report: Record<string, unknown>,
): Promise<void> {
  await committedSlot(context, ref);
  await putReport(context, ref, proof, report);
}

export async function putReport(
  context: RepositoryContext,
  ref: BackupRef,
  proof: Proof,
  report: Record<string, unknown>,
): Promise<void> {
  const record: ReportRecord = { ...owner(context, ref), proof: { ...proof }, report };
  const key = makeKey({ kind: 'report', ...ref, reportId: newId(context.clock) });
  await context.driver.put(key, encodeSealed(ReportRecord, record));
}
