import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { WorkerList } from '@milvault/shared';
import type { ApiParts } from '../../parts.ts';
import { answers } from '../answers.ts';

export const workerRoutes =
  (parts: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    const schema = { operationId: 'listWorkers', tags: ['system'], summary: 'Who takes jobs now' };
    app.get(
      '/workers',
      { config: { needs: 'viewer' }, schema: { ...schema, response: answers(200, WorkerList) } },
      async () => {
        const workers = await parts.workers();
        return { workers, total: workers.length };
      },
    );
  };
