import { fail, type Clock, type Logger } from '@milvault/shared';
import { damaged } from './format/json.ts';
import type { IndexRecord, ManifestRecord, ReportRecord, Slot } from './format/records.ts';
import type { Memo } from './memo.ts';
import type { ReleaseTool, StorageDriver } from './port.ts';
import { readRepoRecord } from './repo-record.ts';

/** What the parts of an open repository share. */
export interface RepositoryContext {
  readonly repoId: string;
  /** How backups name this repository: its name in the configuration, or its place. */
  readonly name: string;
  readonly driver: StorageDriver;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly release: ReleaseTool;
  /** Objects that never change once written, by key. */
  readonly memo: {
    readonly slots: Memo<Slot>;
    readonly reports: Memo<ReportRecord>;
    readonly manifests: Memo<ManifestRecord>;
    readonly indexes: Memo<IndexRecord>;
  };
}

/**
 * Before anything is decided: the same repository still lies here, in a format that this version knows. A disk may have
 * been exchanged, and a repository upgraded, under a running worker.
 */
export async function requireSameRepository(context: RepositoryContext): Promise<void> {
  const { repoId } = await readRepoRecord(context.driver);
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
