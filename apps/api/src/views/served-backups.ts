import { BACKUP_DEFAULTS, type BackupPayload, type Service } from '@milvault/jobs';
import { fail, hasCode, hashedName, type Backup, type Config, type Run } from '@milvault/shared';
import type { ServedCreate } from '../routes/v1/contract.ts';
import { chooseRepository, chooseSource } from './choices.ts';
import { ended } from './good-end.ts';

/** Backups that are known by the name that their caller gave. */
export interface ServedBackups {
  /**
   * Takes the backup, or joins the run that takes it, or finds it taken: a name is one backup, however often and by
   * however many it is asked for. CONFLICT where the name is that of another one; BACKUP_NOT_FOUND for the base.
   */
  create(asked: ServedCreate, signal: AbortSignal): Promise<Backup>;
}

export function createServedBackups(config: Config, service: Service): ServedBackups {
  return {
    create: async (asked, signal) => {
      const there = await find(asked.backup_name);
      if (there !== null) return requireSame(there, asked);
      const payload = await payloadOf(asked);
      const run = await ended(service, await runOf(payload, asked.backup_name), signal);
      // What the job `backup` ends with. Read back, so that it carries the name of its repository.
      const { id } = run.result as unknown as Backup;
      return service.backup(id, payload.repository);
    },
  };

  async function find(name: string): Promise<Backup | null> {
    try {
      return await service.backup(name);
    } catch (thrown) {
      if (hasCode(thrown, 'BACKUP_NOT_FOUND')) return null;
      throw thrown;
    }
  }

  async function payloadOf(asked: ServedCreate): Promise<BackupPayload> {
    const { backup_name: name, collections = [], base_backup: base, incremental } = asked;
    const payload: BackupPayload = {
      source: chooseSource(config, undefined),
      repository: chooseRepository(config, undefined),
      collections: collections.length === 0 ? ['*'] : collections,
      type: isIncremental(asked) ? 'incremental' : 'full',
      engine: 'auto',
      plan: null,
      // The script asks for its check itself.
      verify: null,
      ...BACKUP_DEFAULTS,
      base: 'full',
      name,
    };
    if (base === undefined || incremental === false) return payload;
    return { ...payload, baseBackup: (await service.backup(base, payload.repository)).id };
  }

  /**
   * The run of a name has an id that is made from it, so that two callers, and a caller that asks again, start one run.
   * One that failed, or whose backup was deleted, is followed by another.
   */
  async function runOf(payload: BackupPayload, name: string): Promise<string> {
    for (let turn = 0; ; turn += 1) {
      const runId = `named-${hashedName('run', payload.repository, name)}-${turn}`;
      const known = await findRun(runId);
      if (known === null) return (await service.start('backup', payload, { trigger: 'api', plan: null, runId })).id;
      if (known.endedAt === null) return known.id;
    }
  }

  async function findRun(id: string): Promise<Run | null> {
    try {
      return await service.run(id);
    } catch (thrown) {
      if (hasCode(thrown, 'RUN_NOT_FOUND')) return null;
      throw thrown;
    }
  }
}

const isIncremental = ({ incremental, base_backup: base }: ServedCreate): boolean => incremental ?? base !== undefined;

function requireSame(backup: Backup, asked: ServedCreate): Backup {
  const holds = new Set(backup.collections.flatMap((one) => [one.collection, `${one.database}.${one.collection}`]));
  const missing = (asked.collections ?? []).filter((name) => !name.includes('*') && !holds.has(name));
  // An incremental may have become a full, and never the other way round.
  const fits = isIncremental(asked) || backup.type === 'full';
  if (missing.length === 0 && fits) return backup;
  throw fail('CONFLICT', {
    what: `There is another backup ${backup.name}`,
    expected: missing.length === 0 ? 'a full' : `one that holds ${missing.join(', ')}`,
    got: missing.length === 0 ? 'an incremental' : 'one that does not',
    next: 'Give another name',
    details: { backup: backup.id },
  });
}
