import type { Manifest, Repository } from '@milvault/repository';
import { fail, type VerifyReport } from '@milvault/shared';
import { fullName } from '../names.ts';
import type { Target } from './targets.ts';

type Damage = VerifyReport['damages'][number];

const SHOWN = 5;

/**
 * Reads every stored byte before the target is touched: a restore that stops in the middle for a damaged file has cost
 * the target's time and the person's trust. Damage of collections that are not restored does not count.
 */
export async function requireSound(
  repository: Repository,
  manifest: Manifest,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<void> {
  const report = await repository.verify(manifest.backupId, { level: 2, signal });
  const concerned = report.damages.filter((damage) => concerns(damage, targets));
  if (concerned.length > 0) throw damaged(manifest, concerned);
  if (report.result !== 'unknown') return;
  throw fail('REPO_READ_FAILED', {
    what: `Not everything of backup ${manifest.name} could be read, so nothing is restored`,
  });
}

const concerns = (damage: Damage, targets: readonly Target[]): boolean =>
  damage.collection === undefined ||
  targets.some(({ from }) => from.collection === damage.collection && from.database === damage.database);

const damaged = (manifest: Manifest, damages: readonly Damage[]): Error =>
  fail('BACKUP_DAMAGED', {
    what: `Backup ${manifest.name} is damaged in ${damages.length} place(s), so nothing was restored: ${damages
      .slice(0, SHOWN)
      .map((damage) => damage.message)
      .join('; ')}`,
    details: {
      backup: manifest.backupId,
      damages: damages.map((damage) => ({
        ...damage,
        ...(damage.collection === undefined
          ? {}
          : { name: fullName({ database: damage.database ?? '', collection: damage.collection }) }),
      })),
    },
  });
