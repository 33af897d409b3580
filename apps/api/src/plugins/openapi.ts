import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

const DESCRIPTION =
  'Backups of Milvus: taken, proved, restored. Errors are application/problem+json with a stable code.';

/** Collects the schemas of all routes registered from here on, and shows them at /docs. Call it before the routes. */
export async function useOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'milvault', description: DESCRIPTION, version },
      tags: [
        { name: 'runs', description: 'What is done: started, watched, stopped' },
        { name: 'backups', description: 'What can be restored' },
        { name: 'plans', description: 'What is done when' },
        { name: 'sources', description: 'The Milvus servers' },
        { name: 'repositories', description: 'Where backups are kept' },
        { name: 'channels', description: 'Who is told' },
        { name: 'access', description: 'Who may do what, and who did it' },
        { name: 'system', description: 'milvault itself' },
        { name: 'original', description: 'The routes and envelopes of the original system' },
      ],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
  });
  app.addHook('onRoute', (route) => {
    const needs = route.config?.needs ?? 'admin';
    route.schema = { security: needs === 'nobody' ? [] : [{ token: [needs] }], ...route.schema };
  });
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, needs: 'viewer' };
    });
    await scope.register(swaggerUi, { routePrefix: '/docs', uiConfig: { docExpansion: 'list', deepLinking: true } });
  });
}
