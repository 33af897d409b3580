import { fail, hasCode, toErrorRecord, type Backup, type Config, type Unread } from '@milvault/shared';
import type { Adapters } from './adapters.ts';
import type { BackupSurvey, Service } from './port.ts';

type BackupFace = Pick<Service, 'backups' | 'survey' | 'backup' | 'removeBackup' | 'holdBackup' | 'releaseBackup'>;

/** Backups as the repositories themselves list them: nothing here is remembered elsewhere. */
export function createBackupFace(config: Config, adapters: Adapters): BackupFace {
  const places = (asked: string | undefined): readonly string[] =>
    asked === undefined ? config.repositories.map(({ name }) => name) : [asked];

  const listOne = async (place: string): Promise<Backup[]> => {
    const repository = await adapters.repository(place);
    const name = adapters.repositoryName(place);
    return (await repository.list()).map((backup) => ({ ...backup, repository: name }));
  };

  async function survey(plan: string | undefined): Promise<BackupSurvey> {
    const unread: Unread[] = [];
    const lists = places(undefined).map((place) =>
      listOne(place).catch((thrown: unknown) => {
        const { code, message } = toErrorRecord(thrown);
        unread.push({ repository: adapters.repositoryName(place), code, message });
        return [];
      }),
    );
    const backups = ofPlan((await Promise.all(lists)).flat(), plan);
    return { backups, unread };
  }

  /** One that is found is not hidden by another repository that cannot be read; that none is there must be seen of all. */
  async function find(idOrName: string, asked: string | undefined): Promise<Backup> {
    const looks = await Promise.allSettled(places(asked).map((place) => findIn(place, idOrName)));
    const found = looks.flatMap((look) => (look.status === 'fulfilled' ? look.value : []));
    const [first, second] = found;
    const unread = looks.find((look) => look.status === 'rejected');
    if (first === undefined && unread !== undefined) throw unread.reason;
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
      return ofPlan(lists.flat(), plan);
    },
    survey: ({ plan }) => survey(plan),
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

const ofPlan = (backups: readonly Backup[], plan: string | undefined): Backup[] =>
  backups
    .filter((backup) => plan === undefined || backup.plan === plan)
    .sort((a, b) => b.committedAt - a.committedAt || (a.id < b.id ? 1 : -1));

const several = (idOrName: string, found: readonly Backup[]): Error =>
  fail('CONFLICT', {
    what: `Several repositories have a backup ${JSON.stringify(idOrName)}`,
    next: `Name its repository: ${found.map((backup) => backup.repository).join(' or ')}`,
    details: { backups: found.map(({ id, repository }) => ({ id, repository })) },
  });
