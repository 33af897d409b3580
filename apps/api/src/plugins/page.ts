import { readFileSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** What is answered by routes or not at all: an address below these that nobody knows is an error, never the page. */
const OURS = /^\/(api|docs|queues|metrics|healthz|readyz|login|logout|assets)(\/|$)/;

/** A page whose address is unknown to the API may be one of the admin page's own. */
export type ServePage = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | null;

/** The built admin page, asked for each time; null where it was not built. Its browser must be logged in. */
export function createPage(folder: string | null): ServePage {
  if (folder === null) return () => null;
  const index = readFileSync(path.join(folder, 'index.html'), 'utf8');
  return (request, reply) =>
    isPage(request) ? reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(index) : null;
}

/**
 * Scripts, styles and fonts of the page. Their names change with their content, so browsers keep them for good. They
 * hold no data and need no token.
 */
export async function useAssets(app: FastifyInstance, folder: string | null): Promise<void> {
  if (folder === null) return;
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, needs: 'nobody', quiet: true };
      route.schema = { ...route.schema, hide: true };
    });
    await scope.register(fastifyStatic, {
      root: path.join(folder, 'assets'),
      prefix: '/assets/',
      index: false,
      // Made by the build, beside each file: nothing is compressed while somebody waits.
      preCompressed: true,
      immutable: true,
      maxAge: '365d',
      decorateReply: false,
    });
  });
}

function isPage(request: FastifyRequest): boolean {
  const asked = request.url.split('?', 1)[0] ?? '/';
  const read = request.method === 'GET' || request.method === 'HEAD';
  return read && !OURS.test(asked) && (asked === '/' || (request.headers.accept ?? '').includes('text/html'));
}
