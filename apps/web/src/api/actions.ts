import type { Backup, BackupType, Run, StartBackup, StartRestore } from '@milvault/shared';
import { part, post, put, remove } from './client.ts';

/** A backup as requests name it: ids are unique, and its repository spares the others the search. */
type Which = Pick<Backup, 'id' | 'repository'>;

const at = ({ id }: Which): string => `/backups/${part(id)}`;
const where = ({ repository }: Which): string => `?repository=${part(repository)}`;

/** Everything that changes something. What takes time is a run, given as it is queued. */
export const actions = {
  takeBackup: (body: StartBackup) => post<Run>('/runs/backup', body),
  runPlan: (plan: string, type: BackupType) => post<Run>(`/plans/${part(plan)}/run`, { type }),
  verify: (backup: Which, level: number) => post<Run>(`${at(backup)}/verify`, { repository: backup.repository, level }),
  drill: (backup: Which, target: string | null) =>
    post<Run>(`${at(backup)}/drill`, { repository: backup.repository, target }),
  restore: (backup: Which, body: Omit<StartRestore, 'backup'>) => post<Run>(`${at(backup)}/restore`, body),
  hold: (backup: Which, reason: string | null) => put<Backup>(`${at(backup)}/hold${where(backup)}`, { reason }),
  release: (backup: Which) => remove<Backup>(`${at(backup)}/hold${where(backup)}`),
  removeBackup: (backup: Which) => remove<{ readonly name: string }>(`${at(backup)}${where(backup)}`),
  cancel: (run: string) => post<Run>(`/runs/${part(run)}/cancel`),
  retry: (run: string) => post<Run>(`/runs/${part(run)}/retry`),
};
