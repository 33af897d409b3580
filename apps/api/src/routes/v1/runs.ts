import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { RunFilter } from '@milvault/jobs';
import { Run, RunKind, RunList, RunLogs, RunState } from '@milvault/shared';
import type { Static } from 'typebox';
import { RUN_NEEDS } from '../../access/roles.ts';
import { runEvents } from '../../live/run-events.ts';
import { sendEvents } from '../../live/sse.ts';
import type { ApiParts } from '../../parts.ts';
import { requireRole } from '../../plugins/access.ts';
import { startAgain } from '../../views/again.ts';
import { answers, eventStream, runAccepted } from '../answers.ts';

const closed = { additionalProperties: false } as const;
const Params = Type.Object({ run: Type.String({ minLength: 1, maxLength: 512 }) }, closed);
const Query = Type.Object(
  {
    kind: Type.Optional(RunKind),
    state: Type.Optional(RunState),
    plan: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    offset: Type.Optional(Type.Integer({ minimum: 0, default: 0 })),
  },
  closed,
);
const tags = ['runs'];

export const runRoutes =
  ({ service, clock }: ApiParts, ending: AbortSignal): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/runs',
      {
        config: { needs: 'viewer' },
        schema: {
          operationId: 'listRuns',
          tags,
          summary: 'What was done and is being done, newest first',
          querystring: Query,
          response: answers(200, RunList),
        },
      },
      ({ query }) => service.runs(filterOf(query)),
    );

    const oneRun = (operationId: string, summary: string) => ({ operationId, tags, summary, params: Params });

    app.get(
      '/runs/:run',
      { config: { needs: 'viewer' }, schema: { ...oneRun('showRun', 'One run'), response: answers(200, Run) } },
      ({ params }) => service.run(params.run),
    );

    app.get(
      '/runs/:run/logs',
      {
        config: { needs: 'viewer' },
        schema: { ...oneRun('runLogs', 'The log of a run'), response: answers(200, RunLogs) },
      },
      async ({ params }) => ({ lines: await service.logs(params.run) }),
    );

    app.get(
      '/runs/:run/events',
      {
        config: { needs: 'viewer' },
        schema: { ...oneRun('watchRun', 'A run until its end, as Server-Sent Events'), response: eventStream },
      },
      async (request, reply) => {
        // An unknown run is an error of this request, not an event.
        const { id } = await service.run(request.params.run);
        return sendEvents(reply, clock, ending, (signal) => runEvents(service, id, request.id, signal));
      },
    );

    app.post(
      '/runs/:run/cancel',
      {
        config: { needs: 'operator' },
        schema: { ...oneRun('cancelRun', 'Stop a run; it leaves nothing behind'), response: runAccepted },
      },
      async ({ params }, reply) => reply.code(202).send(await service.cancel(params.run)),
    );

    app.post(
      '/runs/:run/retry',
      {
        config: { needs: 'operator' },
        schema: { ...oneRun('retryRun', 'Do once more what a run did that has ended'), response: runAccepted },
      },
      async (request, reply) => {
        // What a token may not start, it may not start again.
        const allow = (kind: RunKind): void => requireRole(request, RUN_NEEDS[kind]);
        return reply.code(202).send(await startAgain(service, request.params.run, allow));
      },
    );
  };

const filterOf = ({ kind, state, plan, limit, offset }: Static<typeof Query>): RunFilter => ({
  ...(kind === undefined ? {} : { kind }),
  ...(state === undefined ? {} : { state }),
  ...(plan === undefined ? {} : { plan }),
  limit: limit ?? 100,
  offset: offset ?? 0,
});
