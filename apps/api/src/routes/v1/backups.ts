import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Backup, BackupList, BackupRemoved, ChainView, HoldBackup } from '@milvault/shared';
import type { ApiParts } from '../../parts.ts';
import { chooseAnyRepository } from '../../views/choices.ts';
import { familyOf } from '../../views/family.ts';
import { BackupQuery, selectBackups } from '../../views/select-backups.ts';
import { answers } from '../answers.ts';

const closed = { additionalProperties: false } as const;
const Params = Type.Object({ backup: Type.String({ description: 'Id or name' }) }, closed);
const Where = Type.Object({ repository: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })) }, closed);
const tags = ['backups'];

export const backupRoutes =
  ({ config, service }: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/backups',
      {
        config: { needs: 'viewer' },
        schema: {
          operationId: 'listBackups',
          tags,
          summary: 'Complete backups, newest first; `unread` names repositories that could not be read',
          querystring: BackupQuery,
          response: answers(200, BackupList),
        },
      },
      async ({ query }) => {
        const repository = chooseAnyRepository(config, query.repository);
        const plan = query.plan === undefined ? {} : { plan: query.plan };
        const { backups, unread } =
          repository === undefined
            ? await service.survey(plan)
            : { backups: await service.backups({ ...plan, repository }), unread: [] };
        return { ...selectBackups(backups, query, config), unread: [...unread] };
      },
    );

    const oneBackup = { params: Params, querystring: Where };

    app.get(
      '/backups/:backup',
      {
        config: { needs: 'viewer' },
        schema: {
          operationId: 'showBackup',
          tags,
          summary: 'One backup',
          ...oneBackup,
          response: answers(200, Backup),
        },
      },
      ({ params, query }) => service.backup(params.backup, chooseAnyRepository(config, query.repository)),
    );

    app.get(
      '/backups/:backup/chain',
      {
        config: { needs: 'viewer' },
        schema: {
          operationId: 'showChain',
          tags,
          summary: 'The full that a backup goes back to, and all that borrow from it',
          ...oneBackup,
          response: answers(200, ChainView),
        },
      },
      async ({ params, query }) => {
        const backup = await service.backup(params.backup, chooseAnyRepository(config, query.repository));
        return { backups: familyOf(backup, await service.backups({ repository: backup.repository })) };
      },
    );

    app.delete(
      '/backups/:backup',
      {
        config: { needs: 'admin' },
        schema: {
          operationId: 'removeBackup',
          tags,
          summary: 'Delete a backup; one that must stay is refused',
          ...oneBackup,
          response: answers(200, BackupRemoved),
        },
      },
      async ({ params, query }) => {
        const { id, name, repository } = await service.backup(
          params.backup,
          chooseAnyRepository(config, query.repository),
        );
        await service.removeBackup(id, repository);
        return { id, name, removed: true } as const;
      },
    );

    app.put(
      '/backups/:backup/hold',
      {
        config: { needs: 'operator' },
        schema: {
          operationId: 'holdBackup',
          tags,
          summary: 'Keep a backup until it is released',
          ...oneBackup,
          body: HoldBackup,
          response: answers(200, Backup),
        },
      },
      ({ params, query, body }) =>
        service.holdBackup(params.backup, body.reason ?? null, chooseAnyRepository(config, query.repository)),
    );

    app.delete(
      '/backups/:backup/hold',
      {
        config: { needs: 'operator' },
        schema: {
          operationId: 'releaseBackup',
          tags,
          summary: 'Let retention judge a held backup again',
          ...oneBackup,
          response: answers(200, Backup),
        },
      },
      ({ params, query }) => service.releaseBackup(params.backup, chooseAnyRepository(config, query.repository)),
    );
  };
