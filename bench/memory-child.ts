/**
 * A backup, an incremental after changes, and its restore as a worker runs them, in a process of its own, so that its memory is its own:
 * `memory-child.ts ADDRESS FOLDER COLLECTION PYTHON ROWS DIM`. Prints one line of JSON, a {@link Memory}.
 */
import { BACKUP_DEFAULTS, createLocalService, type Service } from '@milvault/jobs';
import { initRepository } from '@milvault/repository';
import { defaultConfig, systemClock, type Run } from '@milvault/shared';
import { python } from './rows.ts';

/** The most that the process ever held, after the backup, after the incremental and after the restore, in MiB. */
export interface Memory {
  readonly rows: number;
  readonly backupMiB: number;
  readonly incrementalMiB: number;
  readonly restoreMiB: number;
}

async function succeed(service: Service, started: Run): Promise<void> {
  const run = await service.wait(started.id, new AbortController().signal);
  if (run.state !== 'succeeded') throw new Error(`the run ended as ${run.state}: ${run.error?.message ?? ''}`);
}

/** What made the rows, and how many of what size. */
interface Data {
  readonly program: string;
  readonly rows: string;
  readonly dim: string;
}

const heldMiB = (): number => process.resourceUsage().maxRSS / 1024;

async function measure(address: string, repository: string, collection: string, data: Data): Promise<Memory> {
  const { program, rows, dim } = data;
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
    await python({ milvus: address, python: program }, 'change', collection, rows, dim);
    const next = { ...BACKUP_DEFAULTS, ...asked, type: 'incremental', plan: null, verify: 2 } as const;
    await succeed(service, await service.start('backup', next, options));
    const incrementalMiB = heldMiB();
    const backup = (await service.backups({ repository })).find((one) => one.type === 'incremental');
    if (backup === undefined) throw new Error('no incremental was taken');
    const what = { repository, backup: backup.id, target: address, collections: [], partitions: [] };
    await succeed(
      service,
      await service.start('restore', { ...what, suffix: '_back', rename: {}, aliases: false }, options),
    );
    return { rows: backup.rows, backupMiB, incrementalMiB, restoreMiB: heldMiB() };
  } finally {
    await service.close();
  }
}

const [address = '', folder = '', collection = '', program = '', rows = '', dim = ''] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await measure(address, folder, collection, { program, rows, dim }))}\n`);
