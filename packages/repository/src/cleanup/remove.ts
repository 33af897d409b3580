import { fail } from '@milvault/shared';
import { requireSameRepository, type RepositoryContext } from '../context.ts';
import { locate, survey } from '../list/survey.ts';
import { newGcRun } from './garbage.ts';
import { isGood } from './good.ts';
import { buryBackup } from './tomb.ts';

/** {@link import('../port.ts').Repository.remove} */
export async function removeBackup(context: RepositoryContext, id: string, options: { force: boolean }): Promise<void> {
  await requireSameRepository(context);
  const ref = await locate(context, id);
  if (!options.force) await requireReplaced(context, ref.backupId);
  const run = newGcRun(context, { active: [] });
  await buryBackup(context, run, ref, options.force ? 'removed by hand, by force' : 'removed by hand');
}

/** The last good backup of a source stays, and so does a damaged one as long as nothing good can take its place. */
async function requireReplaced(context: RepositoryContext, id: string): Promise<void> {
  const { backups } = await survey(context);
  const backup = backups.find((one) => one.id === id);
  if (backup === undefined) return;
  const others = backups.filter(
    (one) => one.id !== id && one.source.id === backup.source.id && one.plan === backup.plan,
  );
  if (others.some((other) => isGood(other.proofs) && (other.rows > 0 || backup.rows === 0))) return;
  throw fail('BACKUP_NEEDED', {
    what: `${backup.name} is the last good backup of ${backup.source.address}${backup.plan === null ? '' : ` by the plan ${backup.plan}`}`,
    next: 'Take a new backup first',
    details: { backup: id },
  });
}
