import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fail, isLoopback, type Clock, type Config, type MilvaultError } from '@milvault/shared';
import { hostOf, isLoopbackPeer } from '../access/host.ts';
import { createThrottle, type Throttle } from '../access/throttle.ts';
import { tokenCheck, type TokenCheck } from '../access/token.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers anybody: needs no token. */
    open?: boolean;
  }
}

export const SESSION_COOKIE = 'milvault_session';

/** Who may call. `check` is null where no admin token is configured: then only this machine may. */
export interface Access {
  readonly check: TokenCheck | null;
  readonly throttle: Throttle;
}

/** Without an admin token milvault listens on this machine only. BIND_UNSAFE. */
export function requireSafeBind(api: Config['api']): void {
  if (api.adminToken !== null || isLoopback(api.host)) return;
  throw fail('BIND_UNSAFE', { expected: 'an admin token, or a loopback address', got: api.host });
}

export async function useAccess(app: FastifyInstance, config: Config, clock: Clock): Promise<Access> {
  const token = config.api.adminToken;
  const access: Access = { check: token === null ? null : tokenCheck(token), throttle: createThrottle(clock) };
  await app.register(cookie);
  app.addHook('onRequest', async (request, reply) => {
    if (access.check === null) requireThisMachine(request);
    else if (request.routeOptions.config.open !== true) await authenticate(request, reply, access.check);
  });
  return access;

  async function authenticate(request: FastifyRequest, reply: FastifyReply, check: TokenCheck): Promise<unknown> {
    const session = request.cookies[SESSION_COOKIE];
    if (session !== undefined && check.isSession(session, clock.now())) return;
    const given = bearerOf(request);
    if (given !== null) return requireToken(access, request, reply, given);
    if (wantsPage(request)) return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`, 303);
    throw unauthenticated(reply);
  }
}

/** The token, or UNAUTHENTICATED; RATE_LIMITED, right or wrong, after too many wrong ones from that address. */
export function requireToken(access: Access, request: FastifyRequest, reply: FastifyReply, given: string): void {
  const waitMs = access.throttle.waitMs(request.ip);
  if (waitMs > 0) {
    reply.header('retry-after', Math.ceil(waitMs / 1000));
    throw fail('RATE_LIMITED', { what: 'Too many wrong tokens came from this address' });
  }
  if (access.check?.matches(given) === true) return;
  access.throttle.failed(request.ip);
  throw unauthenticated(reply);
}

function unauthenticated(reply: FastifyReply): MilvaultError {
  reply.header('www-authenticate', 'Bearer realm="milvault"');
  return fail('UNAUTHENTICATED');
}

/**
 * Open to this machine, so: from a loopback peer, not handed on by a proxy, and under a name of this machine. The last
 * one stops a web page whose own name was pointed at 127.0.0.1 (DNS rebinding).
 */
function requireThisMachine(request: FastifyRequest): void {
  const host = hostOf(request.headers.host);
  const { forwarded, 'x-forwarded-for': forwardedFor } = request.headers;
  const proxied = forwarded !== undefined || forwardedFor !== undefined;
  if (isLoopbackPeer(request.ip) && !proxied && host !== null && isLoopback(host)) return;
  throw fail('FORBIDDEN', {
    what: 'Without an admin token milvault serves this machine only',
    expected: 'a direct request to localhost',
    got: proxied ? 'a request through a proxy' : `a request from ${request.ip} to ${host ?? 'no host'}`,
    next: 'Set MILVAULT_ADMIN_TOKEN, or call http://localhost',
  });
}

const bearerOf = (request: FastifyRequest): string | null =>
  /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;

const wantsPage = (request: FastifyRequest): boolean =>
  request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
