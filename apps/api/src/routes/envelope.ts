import type { FastifyInstance } from 'fastify';
import { Problem, type Logger, type MilvaultError } from '@milvault/shared';
import { Type } from 'typebox';
import { knownError, problemOf } from '../plugins/errors.ts';

/** What a route of this kind answers when it does not do what it was asked. */
const Failed = {
  description: 'What went wrong: `code` is the HTTP status, `error` what milvault adds',
  content: {
    'application/json': { schema: Type.Object({ code: Type.Integer(), message: Type.String(), error: Problem }) },
  },
};

/** The answers of such a route: `{code: 0, message, data}`, and the envelope of errors. */
export const enveloped = <T extends Parameters<typeof Type.Object>[0]>(data: T) => {
  const good = Type.Object({ code: Type.Literal(0), message: Type.String(), data: Type.Object(data) });
  // The cast drops the errors from the type: handlers throw them, and never send one.
  return { 200: good, '4xx': Failed, '5xx': Failed } as unknown as { 200: typeof good };
};

/** Errors of the routes of this scope come in the original's envelope: `{code, message}`, and what milvault adds. */
export function useEnvelope(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((thrown: unknown, request, reply) => {
    const error = knownError(thrown);
    if (error.status >= 500) logger.error({ request: request.id, err: thrown }, error.message);
    return reply.code(error.status).serializer(JSON.stringify).send(envelopeOf(error, request.id));
  });
}

/** The HTTP status as the code: never 0. What milvault adds stands in `error`. */
function envelopeOf(error: MilvaultError, instance: string) {
  const problem = problemOf(error, instance);
  return { code: problem.status, message: problem.detail, error: problem };
}
