import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { SessionView } from '@milvault/shared';
import type { ApiParts } from '../../parts.ts';
import { answers } from '../answers.ts';

export const sessionRoutes =
  ({ config }: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    const schema = { operationId: 'session', tags: ['system'], summary: 'Who is asking' };
    app.get(
      '/session',
      { config: { needs: 'viewer' }, schema: { ...schema, response: answers(200, SessionView) } },
      async ({ caller }) => ({
        login: config.api.adminToken !== null,
        // Whoever comes this far is known.
        role: caller?.role ?? ('viewer' as const),
      }),
    );
  };
