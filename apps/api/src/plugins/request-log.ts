import type { FastifyInstance } from 'fastify';
import type { ApiParts } from '../parts.ts';

/** One line for each request, without its query, headers and body: nothing in it can be a secret. */
export function useRequestLog(app: FastifyInstance, { logger }: Pick<ApiParts, 'logger'>): void {
  app.addHook('onResponse', async (request, reply) => {
    const line = {
      request: request.id,
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    };
    // Probes and scrapes come every few seconds.
    if (request.routeOptions.config.quiet === true) logger.debug(line, 'request');
    else logger.info(line, 'request');
  });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Asked so often that it is logged for debugging only. */
    quiet?: boolean;
  }
}
