/**
 * A backup and its restore as a worker runs them, in a process of its own, so that its memory is its own:
 * `memory-child.ts ADDRESS FOLDER COLLECTION`. Prints one line of JSON, a {@link Memory}.
 */
import { BACKUP_DEFAULTS, createLocalService, type Service } from '@milvault/jobs';
import { initRepository } from '@milvault/repository';
import { defaultConfig, systemClock, type Run } from '@milvault/shared';

/** The most that the process ever held, after the backup and after the restore, in MiB. */
export interface Memory {
  readonly rows: number;
  readonly backupMiB: number;
  readonly restoreMiB: number;
}

async function succeed(service: Service, started: Run): Promise<void> {
  const run = await service.wait(started.id, new AbortController().signal);
  if (run.state !== 'succeeded') throw new Error(`the run ended as ${run.state}: ${run.error?.message ?? ''}`);
}

const heldMiB = (): number => process.resourceUsage().maxRSS / 1024;

async function measure(address: string, repository: string, collection: string): Promise<Memory> {
  const service = createLocalService(defaultConfig({}));
  const options = { trigger: 'bench', plan: null };
  try {
    await initRepository(repository, { clock: systemClock });
    const asked = { source: address, repository, collections: [collection], type: 'full', engine: 'auto' } as const;
    await succeed(
      service,
      await service.start('backup', { ...BACKUP_DEFAULTS, ...asked, plan: null, verify: 2 }, options),
    );
    const backupMiB = heldMiB();
    const [backup] = await service.backups({ repository });
    const what = { repository, backup: backup?.id ?? '', target: address, collections: [], partitions: [] };
    await succeed(
      service,
      await service.start('restore', { ...what, suffix: '_back', rename: {}, aliases: false }, options),
    );
    return { rows: backup?.rows ?? 0, backupMiB, restoreMiB: heldMiB() };
  } finally {
    await service.close();
  }
}

const [address = '', folder = '', collection = ''] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await measure(address, folder, collection))}\n`);
