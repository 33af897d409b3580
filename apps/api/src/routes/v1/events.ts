import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { sendEvents, type SentEvent } from '../../live/sse.ts';
import type { ApiParts } from '../../parts.ts';
import { eventStream } from '../answers.ts';

const Headers = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({ pattern: '^[0-9]{1,16}-[0-9]{1,16}$', description: 'Go on after this event' }),
  ),
});

export const eventRoutes =
  ({ follow, clock }: ApiParts, ending: AbortSignal): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/events',
      {
        schema: {
          operationId: 'watchAll',
          tags: ['system'],
          summary: 'Everything that happens, as Server-Sent Events',
          headers: Headers,
          response: eventStream,
        },
      },
      async (request, reply) => {
        const last = request.headers['last-event-id'] ?? null;
        return sendEvents(reply, clock, ending, (signal) => sent(follow(last, signal)));
      },
    );

    async function* sent(events: ReturnType<typeof follow>): AsyncGenerator<SentEvent> {
      for await (const { id, type, data } of events) yield { ...(id === null ? {} : { id }), event: type, data };
    }
  };
