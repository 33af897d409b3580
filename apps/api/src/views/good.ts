import { standing, type Backup } from '@milvault/shared';

/** A backup that some check found well and none found damaged. One that nobody checked is not called good. */
export const isGood = ({ proofs }: Backup): boolean => standing(proofs)?.result === 'ok';

export const newestGood = (backups: readonly Backup[]): Backup | null =>
  backups.filter(isGood).reduce<Backup | null>((newest, backup) => {
    return newest === null || backup.committedAt > newest.committedAt ? backup : newest;
  }, null);
