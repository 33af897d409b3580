import {
  BACKUP_DEFAULTS,
  type BackupPayload,
  type CleanupPayload,
  type DrillPayload,
  type RestorePayload,
  type Service,
  type VerifyPayload,
} from '@milvault/jobs';
import type { Config, StartBackup, StartCleanup, StartDrill, StartRestore, StartVerify } from '@milvault/shared';
import { chooseAnyRepository, chooseRepository, chooseSource } from './choices.ts';

/** What a request asks for, as the payload of a job: defaults filled, names checked, backups found. */
export interface Starts {
  backup(body: StartBackup): BackupPayload;
  verify(body: StartVerify): Promise<VerifyPayload>;
  drill(body: StartDrill): Promise<DrillPayload>;
  restore(body: StartRestore): Promise<RestorePayload>;
  cleanup(body: StartCleanup): CleanupPayload;
}

export function createStarts(config: Config, service: Service): Starts {
  const find = async (body: { backup: string; repository?: string }) => {
    const { id, repository } = await service.backup(body.backup, chooseAnyRepository(config, body.repository));
    return { backup: id, repository };
  };
  return {
    backup: (body) => ({
      source: chooseSource(config, body.source),
      repository: chooseRepository(config, body.repository),
      collections: body.collections ?? ['*'],
      type: body.type ?? 'full',
      engine: body.engine ?? 'auto',
      plan: null,
      verify: levelOf(body.verify === undefined ? 2 : body.verify),
      ...BACKUP_DEFAULTS,
      ...(body.base === undefined ? {} : { base: body.base }),
      ...(body.consistency === undefined ? {} : { consistency: body.consistency }),
    }),
    verify: async (body) => ({ ...(await find(body)), level: levelOf(body.level ?? 2) ?? 2 }),
    drill: async (body) => ({
      ...(await find(body)),
      target: body.target === undefined || body.target === null ? null : chooseSource(config, body.target),
    }),
    restore: async (body) => ({
      ...(await find(body)),
      target: chooseSource(config, body.target),
      collections: body.collections ?? [],
      partitions: body.partitions ?? [],
      suffix: body.suffix ?? null,
      rename: body.rename ?? {},
      aliases: body.aliases ?? false,
      salvage: body.salvage ?? false,
    }),
    cleanup: (body) => ({
      repository: chooseAnyRepository(config, body.repository) ?? null,
      dryRun: body.dryRun ?? false,
      force: body.force ?? false,
    }),
  };
}

/** The schema keeps a level within 0 to 3. */
const levelOf = (level: number | null): 0 | 1 | 2 | 3 | null => level as 0 | 1 | 2 | 3 | null;
