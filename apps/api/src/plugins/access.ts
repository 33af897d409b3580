import cookie from '@fastify/cookie';
import { asRedisFault } from '@milvault/catalog';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { fail, isLoopback, type Config, type MilvaultError, type Role } from '@milvault/shared';
import { createDoor, type Door, type Entry } from '../access/door.ts';
import { hostOf, isLoopbackPeer } from '../access/host.ts';
import { isEnough, THIS_MACHINE, type Caller, type Needs } from '../access/roles.ts';
import { createThrottle, type Throttle } from '../access/throttle.ts';
import type { ApiParts } from '../parts.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The one rule of every route: who may call it. A route without one is for admins. */
    needs?: Needs;
  }
  interface FastifyInstance {
    /** The rule of each route by method and pattern; undefined where a route has none. */
    rules(): ReadonlyMap<string, Needs | undefined>;
  }
  interface FastifyRequest {
    /** Who is asking; null where that was not asked. */
    caller: Caller | null;
  }
}

export const SESSION_COOKIE = 'milvault_session';

/** Who may call. `door` is null where no admin token is configured: then only this machine may. */
export interface Access {
  readonly door: Door | null;
  readonly throttle: Throttle;
}

/** Without an admin token milvault listens on this machine only. BIND_UNSAFE. */
export function requireSafeBind(api: Config['api']): void {
  if (api.adminToken !== null || isLoopback(api.host)) return;
  throw fail('BIND_UNSAFE', { expected: 'an admin token, or a loopback address', got: api.host });
}

export async function useAccess(
  app: FastifyInstance,
  { config, tokens, clock }: Pick<ApiParts, 'config' | 'tokens' | 'clock'>,
): Promise<Access> {
  const { adminToken } = config.api;
  const door = adminToken === null ? null : createDoor(adminToken, tokens, clock);
  const access: Access = { door: door && tellingFaults(door, config), throttle: createThrottle(clock) };
  await app.register(cookie);
  keepRules(app);
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request, reply) => {
    const needs = needsOf(request);
    if (access.door === null) requireThisMachine(request);
    if (needs === 'nobody') return;
    const known = access.door === null ? THIS_MACHINE : await callerOf(access, access.door, request, reply);
    if (known === null) {
      if (wantsPage(request)) return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`, 303);
      throw unauthenticated(reply);
    }
    request.caller = known;
    requireRole(request, needs);
  });
  return access;
}

function keepRules(app: FastifyInstance): void {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => void routes.push(route));
  // Read when asked: hooks of inner scopes give rules to the routes of other people's plugins.
  const keysOf = ({ method, url }: RouteOptions): string[] => [method].flat().map((one) => `${one} ${url}`);
  app.decorate(
    'rules',
    () => new Map(routes.flatMap((route) => keysOf(route).map((key) => [key, route.config?.needs] as const))),
  );
}

/** What nobody serves is told to whoever may look: such an address may be one of the admin page's own. */
const needsOf = (request: FastifyRequest): Needs =>
  request.is404 ? 'viewer' : (request.routeOptions.config.needs ?? 'admin');

/** FORBIDDEN, with the role that would do. */
export function requireRole({ caller }: FastifyRequest, needed: Role): void {
  if (caller !== null && isEnough(caller.role, needed)) return;
  throw fail('FORBIDDEN', {
    what: `This needs the role ${needed}`,
    expected: `a token with the role ${needed}`,
    got: caller === null ? 'nobody' : `${caller.name}, which has the role ${caller.role}`,
  });
}

async function callerOf(
  access: Access,
  door: Door,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Caller | null> {
  const session = request.cookies[SESSION_COOKIE];
  const entry = session === undefined ? null : await door.bySession(session);
  if (entry !== null) return entry.caller;
  const given = bearerOf(request);
  return given === null ? null : (await requireToken(access, door, request, reply, given)).caller;
}

/** Who has the token, or UNAUTHENTICATED; RATE_LIMITED, right or wrong, after too many wrong ones from that address. */
export async function requireToken(
  { throttle }: Access,
  door: Door,
  request: FastifyRequest,
  reply: FastifyReply,
  given: string,
): Promise<Entry> {
  const waitMs = throttle.waitMs(request.ip);
  if (waitMs > 0) {
    reply.header('retry-after', Math.ceil(waitMs / 1000));
    throw fail('RATE_LIMITED', { what: 'Too many wrong tokens came from this address' });
  }
  const entry = await door.byToken(given);
  if (entry !== null) return entry;
  throttle.failed(request.ip);
  throw unauthenticated(reply);
}

/** A Redis that does not answer is told as that also where an error takes another way than ours, as in an envelope. */
function tellingFaults(door: Door, { redis }: Config): Door {
  const told = (thrown: unknown): never => {
    throw asRedisFault(redis, thrown);
  };
  return {
    ...door,
    byToken: (given) => door.byToken(given).catch(told),
    bySession: (value) => door.bySession(value).catch(told),
  };
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
