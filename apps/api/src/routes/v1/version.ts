import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Version } from '@milvault/shared';
import type { ApiParts } from '../../parts.ts';
import { answers } from '../answers.ts';

export const versionRoutes =
  ({ version }: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/version',
      {
        config: { needs: 'viewer' },
        schema: {
          operationId: 'version',
          tags: ['system'],
          summary: 'What runs here',
          response: answers(200, Version),
        },
      },
      async () => ({ name: 'milvault', version, api: 'v1', node: process.versions.node }) as const,
    );
  };
