import { fail, hasCode, type Backup, type Config } from '@milvault/shared';
import type { Adapters } from './adapters.ts';
import type { Service } from './port.ts';

type BackupFace = Pick<Service, 'backups' | 'backup' | 'removeBackup' | 'holdBackup' | 'releaseBackup'>;

/** Backups as the repositories themselves list them: nothing here is remembered elsewhere. */
export function createBackupFace(config: Config, adapters: Adapters): BackupFace {
  const places = (asked: string | undefined): readonly string[] =>
    asked === undefined ? config.repositories.map(({ name }) => name) : [asked];

  const listOne = async (place: string): Promise<Backup[]> => {
    const repository = await adapters.repository(place);
    const name = adapters.repositoryName(place);
    return (await repository.list()).map((backup) => ({ ...backup, repository: name }));
  };

  async function find(idOrName: string, asked: string | undefined): Promise<Backup> {
    const found = (await Promise.all(places(asked).map((place) => findIn(place, idOrName)))).flat();
    const [first, second] = found;
    if (first === undefined) throw fail('BACKUP_NOT_FOUND', { what: `There is no backup ${JSON.stringify(idOrName)}` });
    if (second !== undefined) throw several(idOrName, found);
    return first;
  }

  async function findIn(place: string, idOrName: string): Promise<Backup[]> {
    try {
      const repository = await adapters.repository(place);
      return [{ ...(await repository.find(idOrName)), repository: adapters.repositoryName(place) }];
    } catch (thrown) {
      if (hasCode(thrown, 'BACKUP_NOT_FOUND')) return [];
      throw thrown;
    }
  }

  return {
    backups: async ({ repository, plan }) => {
      const lists = await Promise.all(places(repository).map(listOne));
      const all = lists.flat().filter((backup) => plan === undefined || backup.plan === plan);
      return all.sort((a, b) => b.committedAt - a.committedAt || (a.id < b.id ? 1 : -1));
    },
    backup: find,
    removeBackup: async (idOrName, asked) => {
      const backup = await find(idOrName, asked);
      await (await adapters.repository(backup.repository)).remove(backup.id, { force: false });
    },
    holdBackup: async (idOrName, reason, asked) => {
      const backup = await find(idOrName, asked);
      await (await adapters.repository(backup.repository)).hold(backup.id, reason);
      return find(backup.id, backup.repository);
    },
    releaseBackup: async (idOrName, asked) => {
      const backup = await find(idOrName, asked);
      await (await adapters.repository(backup.repository)).release(backup.id);
      return find(backup.id, backup.repository);
    },
  };
}

const several = (idOrName: string, found: readonly Backup[]): Error =>
  fail('CONFLICT', {
    what: `Several repositories have a backup ${JSON.stringify(idOrName)}`,
    next: `Name its repository: ${found.map((backup) => backup.repository).join(' or ')}`,
    details: { backups: found.map(({ id, repository }) => ({ id, repository })) },
  });
