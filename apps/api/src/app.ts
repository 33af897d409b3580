import Fastify, { type FastifyInstance } from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { newId } from '@milvault/shared';
import { createMetrics } from './metrics/metrics.ts';
import type { ApiParts } from './parts.ts';
import { useAccess } from './plugins/access.ts';
import { useAudit } from './plugins/audit.ts';
import { useBoard } from './plugins/board.ts';
import { useErrors } from './plugins/errors.ts';
import { useHeaders } from './plugins/headers.ts';
import { useOpenApi } from './plugins/openapi.ts';
import { createPage, useAssets } from './plugins/page.ts';
import { useRequestLog } from './plugins/request-log.ts';
import { useSameSite } from './plugins/same-site.ts';
import { useValidation } from './plugins/validation.ts';
import { loginRoutes } from './routes/login.ts';
import { originalRoutes } from './routes/original.ts';
import { V1_ROUTES } from './routes/registry.ts';
import { systemRoutes } from './routes/system.ts';

/** Longest path parameter: a folder, percent-encoded. */
const MAX_PARAMETER = 12_288;
const BODY_LIMIT = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 60_000;

/** The whole API, ready to listen or to be called by `inject`. Opens no connection of its own and listens nowhere. */
export async function buildApp(parts: ApiParts): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    genReqId: () => newId(parts.clock),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Open event streams and keep-alive sockets must not hold the end of the process.
    forceCloseConnections: true,
    routerOptions: { maxParamLength: MAX_PARAMETER },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.removeContentTypeParser('text/plain');
  const ending = new AbortController();
  app.addHook('preClose', async () => ending.abort());

  const page = createPage(parts.page);
  useErrors(app, parts.config.redis, parts.logger, page);
  useRequestLog(app, parts);
  useValidation(app);
  await useHeaders(app);
  const access = await useAccess(app, parts);
  useSameSite(app);
  useAudit(app, parts);
  await useOpenApi(app, parts.version);

  const metrics = createMetrics(parts, ending.signal);
  await app.register(systemRoutes(parts, metrics.scrape));
  await app.register(loginRoutes(access));
  await app.register(originalRoutes(parts), { prefix: '/api' });
  for (const routes of V1_ROUTES) await app.register(routes(parts, ending.signal), { prefix: '/api/v1' });
  await useBoard(app, parts);
  await useAssets(app, parts.page);
  await app.ready();
  return app;
}
