import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuditEntry } from '@milvault/shared';
import type { Caller } from '../access/roles.ts';
import type { ApiParts } from '../parts.ts';
import { isSafe } from './same-site.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Whether it is kept in the audit log; default: where its method may change something. True for what gives data
     * away, false for what only asks by such a method.
     */
    audited?: boolean;
  }
  interface FastifyRequest {
    /** Id or name of what came of the request. */
    made: string | null;
  }
}

/**
 * Keeps who changed what: requests that did what they were asked, those that a token had no right to, and those that
 * failed inside, which may have done a part. Written before the answer leaves, so that what a caller was told is kept.
 * Requests of nobody known are not kept: strangers could push the entries out that count.
 */
export function useAudit(app: FastifyInstance, { audit, clock, logger }: ApiParts): void {
  app.decorateRequest('made', null);
  app.addHook('preSerialization', async (request, _reply, payload) => {
    if (isKept(request)) request.made = resultOf(payload);
    return payload;
  });
  app.addHook('onSend', async (request, reply) => {
    const { caller } = request;
    if (caller === null || !isKept(request) || !isTold(reply.statusCode)) return;
    const entry = entryOf(request, reply, caller, clock.now());
    // It is done: an answer that said otherwise would be wrong. The log of the process keeps it instead.
    await audit.note(entry).catch((err: unknown) => logger.error({ err, ...entry }, 'the audit log cannot be written'));
  });
}

const isKept = ({ method, routeOptions }: FastifyRequest): boolean => routeOptions.config.audited ?? !isSafe(method);

const isTold = (status: number): boolean => status < 400 || status === 403 || status >= 500;

function entryOf(request: FastifyRequest, reply: FastifyReply, caller: Caller, at: number): Omit<AuditEntry, 'id'> {
  const params = Object.entries((request.params ?? {}) as Record<string, unknown>);
  return {
    at,
    by: caller.name,
    role: caller.role,
    method: request.method,
    route: request.routeOptions.url ?? 'unknown',
    target: Object.fromEntries(params.map(([name, value]) => [name, shown(String(value))])),
    result: request.made === null ? null : shown(request.made),
    status: reply.statusCode,
    request: request.id,
  };
}

const LONGEST = 256;

/** A path is what somebody typed: an address with a user part, or a token in the place of its name. */
const shown = (text: string): string =>
  text
    .slice(0, LONGEST)
    .replace(/\/\/[^/@]*@/g, '//[secret]@')
    .replace(/mv_[\w-]{16,}/g, '[secret]');

/** The id, or else the name, of what an answer speaks of; the envelopes of the original hold it one step deeper. */
function resultOf(payload: unknown): string | null {
  // Whatever a route answers; each member is looked at before it is used.
  const { id, name, data } = Object(payload) as Record<string, unknown>;
  const { run, backup_id } = Object(data) as Record<string, unknown>;
  const found = [id, name, run, backup_id].find((one) => typeof one === 'string');
  return typeof found === 'string' ? found : null;
}
