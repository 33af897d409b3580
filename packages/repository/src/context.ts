import { fail, type Clock, type Logger } from '@milvault/shared';
import { decodeSealed, MAX_RECORD_BYTES, damaged } from './format/json.ts';
import { REPO_KEY } from './format/names.ts';
import {
  RepoRecord,
  type CommittedSlot,
  type IndexRecord,
  type ManifestRecord,
  type ReportRecord,
  type Slot,
} from './format/records.ts';
import type { Memo } from './memo.ts';
import type { StorageDriver } from './port.ts';

/** What the parts of an open repository share. */
export interface RepositoryContext {
  readonly repoId: string;
  /** How backups name this repository: its name in the configuration, or its place. */
  readonly name: string;
  readonly driver: StorageDriver;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Objects that never change once written, by key. */
  readonly memo: {
    readonly slots: Memo<Slot>;
    readonly reports: Memo<ReportRecord>;
    readonly manifests: Memo<ManifestRecord>;
    readonly indexes: Memo<IndexRecord>;
  };
}

/** A whole object of at most `limit` bytes. OBJECT_DAMAGED where it is longer. */
export async function readLimited(driver: StorageDriver, key: string, limit: number): Promise<Uint8Array> {
  const bytes = await driver.getRange(key, 0, limit + 1);
  if (bytes.length > limit) throw damaged(key, `it is longer than ${limit} bytes`);
  return bytes;
}

/** Before anything is decided: the same repository still lies here. A disk may have been exchanged under a running worker. */
export async function requireSameRepository(context: RepositoryContext): Promise<void> {
  const bytes = await readLimited(context.driver, REPO_KEY, MAX_RECORD_BYTES);
  const { repoId } = decodeSealed(RepoRecord, bytes, REPO_KEY);
  if (repoId === context.repoId) return;
  throw fail('REPO_NOT_A_REPOSITORY', {
    what: `Another repository lies in ${context.driver.place} than when it was opened`,
    expected: context.repoId,
    got: repoId,
  });
}

/** The members of a record that say whose it is. */
export const owner = (
  context: RepositoryContext,
  ref: { readonly sourceId: string; readonly backupId: string },
): { v: 1; repoId: string; sourceId: string; backupId: string } => ({
  v: 1,
  repoId: context.repoId,
  sourceId: ref.sourceId,
  backupId: ref.backupId,
});

/** A record copied into the place of another one is damage, whatever its own hash says. */
export function requireOwner(
  context: RepositoryContext,
  record: { readonly repoId: string; readonly sourceId: string; readonly backupId: string },
  ref: { readonly sourceId: string; readonly backupId: string },
  key: string,
): void {
  if (record.repoId !== context.repoId) throw damaged(key, 'it belongs to another repository');
  if (record.sourceId !== ref.sourceId || record.backupId !== ref.backupId)
    throw damaged(key, 'it belongs to another backup');
}

export const refOf = (slot: Pick<CommittedSlot, 'sourceId' | 'backupId'>) => ({
  sourceId: slot.sourceId,
  backupId: slot.backupId,
});
