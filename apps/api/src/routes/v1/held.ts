import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { planOf } from '@milvault/jobs';
import { BackupList } from '@milvault/shared';
import { whileConnected } from '../../live/while-connected.ts';
import type { ApiParts } from '../../parts.ts';
import { answers } from '../answers.ts';

const closed = { additionalProperties: false } as const;
const Params = Type.Object({ plan: Type.String() }, closed);
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

const HeldList = Type.Object(
  {
    held: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          key: orNull(Type.String({ description: 'What the tool knows it by besides its name' })),
          bytes: orNull(Type.Integer()),
          serverVersion: orNull(Type.String()),
          backup: orNull(Type.String({ description: 'Id of the backup of milvault that this is' })),
        },
        closed,
      ),
    ),
    total: Type.Integer(),
  },
  closed,
);
const Names = Type.Object(
  { names: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { minItems: 1, maxItems: 1000 }) },
  closed,
);
const tags = ['plans'];

/** Backups that the tool of a plan's source has, also those that milvault did not take. */
export const heldRoutes =
  ({ config, listHeld, adoptHeld }: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/plans/:plan/held',
      {
        config: { needs: 'viewer' },
        schema: {
          operationId: 'listHeld',
          tags,
          summary: "What the tool of the plan's source holds",
          params: Params,
          response: answers(200, HeldList),
        },
      },
      async ({ params }, reply) => {
        const held = await listHeld(planOf(config, params.plan), whileConnected(reply));
        return { held: [...held], total: held.length };
      },
    );

    app.post(
      '/plans/:plan/adopt',
      {
        config: { needs: 'admin' },
        schema: {
          operationId: 'adoptHeld',
          tags,
          summary: 'Take backups of the tool over into the retention of the plan',
          params: Params,
          body: Names,
          response: answers(200, BackupList),
        },
      },
      async ({ params, body }, reply) => {
        const backups = await adoptHeld(planOf(config, params.plan), body.names, whileConnected(reply));
        return { backups: [...backups], total: backups.length, unread: [] };
      },
    );
  };
