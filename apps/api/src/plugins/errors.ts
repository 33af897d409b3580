import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { asRedisFault } from '@milvault/catalog';
import {
  ERRORS,
  fail,
  isMilvaultError,
  toErrorRecord,
  type Logger,
  type MilvaultError,
  type Problem,
  type Secret,
} from '@milvault/shared';
import type { ServePage } from './page.ts';
import { requestInvalid } from './validation.ts';

/** Every error leaves as problem+json with the code of the one table; what is unknown to us is logged and hidden. */
export function useErrors(app: FastifyInstance, redis: Secret, logger: Logger, page: ServePage): void {
  app.setErrorHandler((thrown: unknown, request, reply) => {
    // Bull Board speaks to Redis by itself: its faults come as its client's.
    const error = knownError(asRedisFault(redis, thrown));
    const record = { request: request.id, route: request.routeOptions.url ?? null, err: thrown };
    if (error.status >= 500) logger.error(record, error.message);
    return sendProblem(reply, request, error);
  });
  app.setNotFoundHandler((request, reply) => {
    const served = page(request, reply);
    if (served !== null) return served;
    throw fail('ROUTE_NOT_FOUND', { what: `There is nothing at ${request.method} ${pathOf(request)}` });
  });
}

export function sendProblem(reply: FastifyReply, request: FastifyRequest, error: MilvaultError): FastifyReply {
  return reply
    .code(error.status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problemOf(error, request.id));
}

export function problemOf(error: MilvaultError, instance: string): Problem {
  const { code, retryable, next, expected, got, details, message } = toErrorRecord(error);
  const hidden = code === 'INTERNAL';
  return {
    type: `urn:milvault:error:${code}`,
    title: ERRORS[code].title,
    status: ERRORS[code].status,
    code,
    detail: hidden ? ERRORS[code].title : message,
    ...(expected === undefined || hidden ? {} : { expected }),
    ...(got === undefined || hidden ? {} : { got }),
    next,
    retryable,
    ...(details === undefined || hidden ? {} : { details }),
    instance,
  };
}

/** What was thrown, as one of ours. Fastify's own refusals of a request are the caller's faults, not ours. */
export function knownError(thrown: unknown): MilvaultError {
  if (isMilvaultError(thrown)) return thrown;
  // Anything may be thrown; each member is looked at before it is used.
  const error = (thrown ?? {}) as Partial<FastifyError>;
  if (error.validation !== undefined) return requestInvalid(error.validation, partOf(error.validationContext));
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return fail('REQUEST_INVALID', { what: 'The body is too large', expected: 'at most 1 MiB', got: 'more' });
  }
  if (error.code?.startsWith('FST_ERR_CTP_') === true) return notJson(error.message ?? '');
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return fail('REQUEST_INVALID', { what: String(error.message) });
  }
  return fail('INTERNAL', { cause: thrown });
}

const notJson = (reason: string): MilvaultError =>
  fail('REQUEST_NOT_JSON', { what: `The body of the request is not JSON (${reason})` });

const partOf = (context: string | undefined): string => (context === 'querystring' ? 'query' : (context ?? 'request'));

/** The path without the query, which may hold what nobody should read in an answer. */
const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '/';
