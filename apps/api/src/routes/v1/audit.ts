import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { AuditPage } from '@milvault/shared';
import type { ApiParts } from '../../parts.ts';
import { answers } from '../answers.ts';

const Query = Type.Object(
  {
    before: Type.Optional(
      Type.String({ pattern: '^[0-9]{1,16}-[0-9]{1,16}$', description: 'Only older ones: `next` of the page before' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  },
  { additionalProperties: false },
);

export const auditRoutes =
  ({ audit }: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/audit',
      {
        config: { needs: 'admin' },
        schema: {
          operationId: 'audit',
          tags: ['access'],
          summary: 'Who changed what, and who was refused for lack of rights; newest first',
          querystring: Query,
          response: answers(200, AuditPage),
        },
      },
      ({ query: { before, limit = 100 } }) => audit.page({ ...(before === undefined ? {} : { before }), limit }),
    );
  };
