import type { Backup } from '@milvault/shared';
import { ABLE } from '../figures.ts';
import { CheckBackup } from './check.tsx';
import { DeleteBackup } from './delete.tsx';
import { DrillBackup } from './drill.tsx';
import { OpenRestore } from './open-restore.tsx';
import { HoldBackup, ReleaseBackup } from './hold.tsx';

/** What may be done with a backup. */
export function BackupActions({ backup }: { readonly backup: Backup }) {
  const able = ABLE[backup.engine];
  return (
    <>
      {able.restore ? <OpenRestore backup={backup} /> : null}
      <CheckBackup backup={backup} />
      {able.drill ? <DrillBackup backup={backup} /> : null}
      {backup.hold === undefined ? <HoldBackup backup={backup} /> : <ReleaseBackup backup={backup} />}
      <DeleteBackup backup={backup} />
    </>
  );
}
