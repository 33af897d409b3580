import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { VerifyReport } from '@milvault/shared';
import { whileConnected } from '../../live/while-connected.ts';
import type { ApiParts } from '../../parts.ts';
import { createServedBackups } from '../../views/served-backups.ts';
import { goodEnd } from '../../views/good-end.ts';
import { createStarts } from '../../views/starts.ts';
import { enveloped, useEnvelope } from '../envelope.ts';

const closed = { additionalProperties: false } as const;
const Name = Type.String({ minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$' });

const Create = Type.Object(
  {
    backup_name: Name,
    collections: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { maxItems: 10_000, description: 'Empty: all' }),
    ),
    compression: Type.Optional(Type.Boolean({ description: 'milvault always compresses' })),
    base_backup: Type.Optional(Name),
    incremental: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type ServedCreate = Type.Static<typeof Create>;

const Created = Type.Object({
  total_entities: Type.Integer(),
  backup_size: Type.Integer({ description: 'Bytes that this backup wrote' }),
  duration: Type.Number({ description: 'Seconds' }),
  // What milvault adds: a client of the original looks at the three above.
  backup_id: Type.String(),
  type: Type.String({ description: 'full where an incremental was not possible; `message` says why' }),
});
const Named = Type.Object({ backup_name: Name }, closed);

const tags = ['original'];
const KEEP_ALIVE_MS = 30_000;

/**
 * The contract of the original's backup tool, for scripts that were written for it: each call answers when the work is
 * done by the workers. A create that is asked again, after a lost answer or beside the first, is the same backup.
 */
export const contractRoutes =
  ({ config, service, logger }: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    useEnvelope(app, logger);
    const served = createServedBackups(config, service);
    const starts = createStarts(config, service);
    const start = { trigger: 'api', plan: null } as const;

    app.post(
      '/backup/create',
      {
        config: { needs: 'operator' },
        schema: {
          tags,
          operationId: 'toolCreate',
          summary: 'Take a backup and answer when it is there',
          body: Create,
          response: enveloped(Created.properties),
        },
      },
      async (request, reply) => {
        keepAlive(request);
        const backup = await served.create(request.body, whileConnected(reply));
        const { id, type, note, rows, bytes, durationMs } = backup;
        const data = {
          total_entities: rows,
          backup_size: bytes.own,
          duration: durationMs / 1000,
          backup_id: id,
          type,
        };
        return { code: 0, message: note ?? 'success', data } as const;
      },
    );

    app.post(
      '/backup/verify',
      {
        config: { needs: 'operator' },
        schema: {
          tags,
          operationId: 'toolVerify',
          summary: 'Check a backup and answer when it is checked',
          body: Named,
          response: enveloped({ is_valid: Type.Boolean() }),
        },
      },
      async (request, reply) => {
        keepAlive(request);
        const payload = await starts.verify({ backup: request.body.backup_name });
        const run = await goodEnd(service, 'verify', payload, start, whileConnected(reply));
        // What the job `verify` ends with.
        const { result, damages } = run.result as unknown as VerifyReport;
        const message = damages[0]?.message ?? 'success';
        return { code: 0, message, data: { is_valid: result === 'ok' } } as const;
      },
    );

    app.delete(
      '/backup/delete',
      {
        config: { needs: 'admin' },
        schema: {
          tags,
          operationId: 'toolDelete',
          summary: 'Delete a backup; one that must stay is refused',
          body: Named,
          response: enveloped({ backup_id: Type.String() }),
        },
      },
      async ({ body }) => {
        const { id, repository } = await service.backup(body.backup_name);
        await service.removeBackup(id, repository);
        return { code: 0, message: 'success', data: { backup_id: id } } as const;
      },
    );
  };

/** An answer may take an hour: what stands between must not take the silent line for a dead one. */
const keepAlive = (request: FastifyRequest): void => void request.raw.socket.setKeepAlive(true, KEEP_ALIVE_MS);
