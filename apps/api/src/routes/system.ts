import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { asRedisFault } from '@milvault/catalog';
import { knownError } from '../plugins/errors.ts';
import type { ApiParts } from '../parts.ts';

const Check = Type.Union([Type.Literal('ok'), Type.String({ description: 'Code of the error' })]);
const Alive = Type.Object({ status: Type.Literal('ok') });
const Ready = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('unavailable')]),
  checks: Type.Object({ redis: Check, queues: Check }),
});
const PATIENCE_MS = 2_000;

/** For those who watch the process. They have no token, so nothing is told here but well or not. */
export const systemRoutes =
  (
    { config, ping, queues, clock, page }: ApiParts,
    metrics: () => Promise<{ type: string; text: string }>,
  ): FastifyPluginAsyncTypebox =>
  async (app) => {
    const open = { needs: 'nobody', quiet: true } as const;
    const tags = ['system'];

    if (page === null)
      app.get('/', { config: { needs: 'viewer' }, schema: { hide: true } }, (_request, reply) =>
        reply.redirect('/docs', 302),
      );

    app.get(
      '/healthz',
      { config: open, schema: { operationId: 'alive', tags, summary: 'The process lives', response: { 200: Alive } } },
      async () => ({ status: 'ok' }) as const,
    );

    app.get(
      '/readyz',
      {
        config: open,
        schema: {
          operationId: 'ready',
          tags,
          summary: 'Redis and the queues answer',
          response: { 200: Ready, 503: Ready },
        },
      },
      async (_request, reply) => {
        const [redis, queued] = await Promise.all([
          check(ping),
          check(async () => void (await Promise.all(queues.map((queue) => queue.getJobCounts('waiting'))))),
        ]);
        const ok = redis === 'ok' && queued === 'ok';
        const checks = { redis, queues: queued };
        return reply.code(ok ? 200 : 503).send({ status: ok ? 'ok' : 'unavailable', checks });
      },
    );

    app.get(
      '/metrics',
      {
        config: { needs: 'viewer', quiet: true },
        schema: { operationId: 'metrics', tags, summary: 'Prometheus text' },
      },
      async (_request, reply) => {
        const { type, text } = await metrics();
        return reply.type(type).send(text);
      },
    );

    /** A Redis that does not even refuse must not hold a probe. */
    async function check(ask: () => Promise<void>): Promise<string> {
      const late = new AbortController();
      const timeout = clock.sleep(PATIENCE_MS, late.signal).then(() => 'REDIS_UNREACHABLE');
      // The loser's rejection is of no interest: the winner has told what is to be told.
      timeout.catch(() => undefined);
      try {
        return await Promise.race([ask().then(() => 'ok'), timeout]);
      } catch (thrown) {
        return knownError(asRedisFault(config.redis, thrown)).code;
      } finally {
        late.abort();
      }
    }
  };
