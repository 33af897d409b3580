import type { Backup } from '@milvault/shared';
import { CheckBackup } from './check.tsx';
import { DeleteBackup } from './delete.tsx';
import { DrillBackup } from './drill.tsx';
import { HoldBackup, ReleaseBackup } from './hold.tsx';

/** What may be done with a backup. */
export function BackupActions({ backup }: { readonly backup: Backup }) {
  return (
    <>
      <CheckBackup backup={backup} />
      <DrillBackup backup={backup} />
      {backup.hold === undefined ? <HoldBackup backup={backup} /> : <ReleaseBackup backup={backup} />}
      <DeleteBackup backup={backup} />
    </>
  );
}
