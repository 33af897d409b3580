import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { StartBackup, type Backup } from '@milvault/shared';
import type { ApiParts } from '../parts.ts';
import { chooseSource } from '../views/choices.ts';
import { createStarts } from '../views/starts.ts';
import { useEnvelope } from './envelope.ts';

const closed = { additionalProperties: false } as const;
const SourceAndBackup = Type.Object(
  {
    backup_name: Type.String({ minLength: 1, maxLength: 256 }),
    target: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    suffix: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  },
  closed,
);
const Record = Type.Object({
  backup_name: Type.String(),
  type: Type.String(),
  timestamp: Type.Integer({ description: 'Seconds since 1970' }),
  entities: Type.Integer(),
  size: Type.Integer({ description: 'Bytes' }),
  duration: Type.Number({ description: 'Seconds' }),
});
type Record = Type.Static<typeof Record>;

const Data = <T extends Parameters<typeof Type.Object>[0]>(data: T) =>
  ({ 200: Type.Object({ code: Type.Literal(0), data: Type.Object(data) }) }) as const;
const Started = {
  200: Type.Object({ code: Type.Literal(0), message: Type.String(), data: Type.Object({ run: Type.String() }) }),
};
const tags = ['original'];

/** The four admin routes of the original system, with its envelope: `{code: 0, …}`, and on errors `{code, message}`. */
export const originalRoutes =
  ({ config, service, logger }: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    const starts = createStarts(config, service);
    const start = { trigger: 'api', plan: null } as const;

    useEnvelope(app, logger);

    app.get(
      '/backups',
      {
        config: { needs: 'viewer' },
        schema: {
          tags,
          operationId: 'originalBackups',
          summary: 'All backups, newest first',
          response: Data({ backups: Type.Array(Record), total: Type.Integer() }),
        },
      },
      async () => {
        const backups = newestFirst(await service.backups({}));
        return { code: 0, data: { backups: backups.map(recordOf), total: backups.length } } as const;
      },
    );

    app.post(
      '/backup/create',
      {
        config: { needs: 'operator' },
        schema: { tags, operationId: 'originalCreate', summary: 'Take a backup', body: StartBackup, response: Started },
      },
      async ({ body }) => {
        const run = await service.start('backup', starts.backup(body), start);
        return { code: 0, message: `The backup was started as run ${run.id}`, data: { run: run.id } } as const;
      },
    );

    app.post(
      '/backup/restore',
      {
        config: { needs: 'operator' },
        schema: {
          tags,
          operationId: 'originalRestore',
          summary: 'Restore a backup',
          body: SourceAndBackup,
          response: Started,
        },
      },
      async ({ body: { backup_name: backup, target, suffix } }) => {
        const payload = await starts.restore({
          backup,
          target: target ?? chooseSource(config, undefined),
          ...(suffix === undefined ? {} : { suffix }),
        });
        const run = await service.start('restore', payload, start);
        return { code: 0, message: `The restore was started as run ${run.id}`, data: { run: run.id } } as const;
      },
    );

    app.get(
      '/stats',
      {
        config: { needs: 'viewer' },
        schema: {
          tags,
          operationId: 'originalStats',
          summary: 'Sums over all backups',
          response: Data({
            total_backups: Type.Integer(),
            total_size: Type.Integer(),
            total_entities: Type.Integer(),
            latest_backup: Type.Union([Record, Type.Null()]),
          }),
        },
      },
      async () => {
        const records = newestFirst(await service.backups({})).map(recordOf);
        return {
          code: 0,
          data: {
            total_backups: records.length,
            total_size: records.reduce((sum, { size }) => sum + size, 0),
            total_entities: records.reduce((sum, { entities }) => sum + entities, 0),
            latest_backup: records[0] ?? null,
          },
        } as const;
      },
    );
  };

const newestFirst = (backups: readonly Backup[]): Backup[] =>
  [...backups].sort((a, b) => b.committedAt - a.committedAt);

const recordOf = (backup: Backup): Record => ({
  backup_name: backup.name,
  type: backup.type,
  timestamp: Math.floor(backup.committedAt / 1000),
  entities: backup.rows,
  size: backup.bytes.own,
  duration: backup.durationMs / 1000,
});
