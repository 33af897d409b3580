import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { RestoreCheck, StartDrill, StartRestore, StartVerify } from '@milvault/shared';
import { whileConnected } from '../../live/while-connected.ts';
import type { ApiParts } from '../../parts.ts';
import { createStarts } from '../../views/starts.ts';
import { answers, runAccepted } from '../answers.ts';

const closed = { additionalProperties: false } as const;
const Params = Type.Object({ backup: Type.String({ description: 'Id or name' }) }, closed);
const tags = ['backups'];

/** The runs that are about one backup. */
export const backupRunRoutes =
  ({ config, service, checkRestore }: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    const starts = createStarts(config, service);
    const start = { trigger: 'api', plan: null } as const;

    app.post(
      '/backups/:backup/verify',
      {
        config: { needs: 'operator' },
        schema: {
          operationId: 'verifyBackup',
          tags,
          summary: 'Check a backup',
          params: Params,
          body: Type.Omit(StartVerify, ['backup'], closed),
          response: runAccepted,
        },
      },
      async ({ params, body }, reply) =>
        reply.code(202).send(await service.start('verify', await starts.verify({ ...body, ...params }), start)),
    );

    app.post(
      '/backups/:backup/drill',
      {
        config: { needs: 'operator' },
        schema: {
          operationId: 'drillBackup',
          tags,
          summary: 'Restore a backup on trial, compare it with the backup, and drop it',
          params: Params,
          body: Type.Omit(StartDrill, ['backup'], closed),
          response: runAccepted,
        },
      },
      async ({ params, body }, reply) =>
        reply.code(202).send(await service.start('drill', await starts.drill({ ...body, ...params }), start)),
    );

    app.post(
      '/backups/:backup/restore',
      {
        config: { needs: 'operator' },
        schema: {
          operationId: 'restoreBackup',
          tags,
          summary: 'Restore a backup under new names',
          params: Params,
          body: Type.Omit(StartRestore, ['backup'], closed),
          response: runAccepted,
        },
      },
      async ({ params, body }, reply) =>
        reply.code(202).send(await service.start('restore', await starts.restore({ ...body, ...params }), start)),
    );

    app.post(
      '/backups/:backup/restore/check',
      {
        config: { needs: 'operator', audited: false },
        schema: {
          operationId: 'checkRestore',
          tags,
          summary: 'What a restore would make, and what has those names already; changes nothing',
          params: Params,
          body: Type.Omit(StartRestore, ['backup'], closed),
          response: answers(200, RestoreCheck),
        },
      },
      async ({ params, body }, reply) =>
        checkRestore(await starts.restore({ ...body, ...params }), whileConnected(reply)),
    );
  };
