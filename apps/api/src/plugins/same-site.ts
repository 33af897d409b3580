import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fail } from '@milvault/shared';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A method that changes nothing. */
export const isSafe = (method: string): boolean => SAFE.has(method);

/**
 * A browser that changes something on behalf of another site is refused: a session cookie, or an API that is open to
 * this machine, must not be used by a page that somebody merely looks at. Programs send neither header and pass.
 */
export function useSameSite(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    if (isSafe(request.method) || isSameSite(request)) return;
    throw fail('FORBIDDEN', {
      what: 'A request from another site may not change anything here',
      expected: `an Origin of ${request.headers.host ?? 'this host'}`,
      got: String(request.headers.origin ?? request.headers['sec-fetch-site']),
      next: 'Send it from this site or from a program',
    });
  });
}

function isSameSite({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  if (headers.origin === undefined) return true;
  return URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host;
}
