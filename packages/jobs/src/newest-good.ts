import { isGood } from '@milvault/repository';
import type { Backup } from '@milvault/shared';

/** The newest backup that no check found damaged. */
export const newestGood = (backups: readonly Backup[]): Backup | null =>
  backups
    .filter(({ proofs }) => isGood(proofs))
    .reduce<Backup | null>((best, one) => (best === null || one.committedAt > best.committedAt ? one : best), null);
