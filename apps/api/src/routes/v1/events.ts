import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { LiveEvent } from '../../live/live-event.ts';
import { merge } from '../../live/merge.ts';
import { createProgressFeed } from '../../live/progress.ts';
import { sendEvents, type SentEvent } from '../../live/sse.ts';
import type { ApiParts } from '../../parts.ts';
import { eventStream } from '../answers.ts';

const Headers = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({ pattern: '^[0-9]{1,16}-[0-9]{1,16}$', description: 'Go on after this event' }),
  ),
});

export const eventRoutes =
  ({ follow, service, clock, logger, ping }: ApiParts, ending: AbortSignal): FastifyPluginAsyncTypebox =>
  async (app) => {
    const progress = createProgressFeed(service, clock, logger);
    const schema = {
      operationId: 'watchAll',
      tags: ['system'],
      summary: 'Everything that happens, as Server-Sent Events',
      headers: Headers,
      response: eventStream,
    };
    app.get('/events', { config: { needs: 'viewer' }, schema }, async (request, reply) => {
      const last = request.headers['last-event-id'] ?? null;
      // A Redis that is away is an answer of this request; later it is the end of the stream.
      await ping();
      return sendEvents(reply, clock, ending, (signal) =>
        sent(merge<LiveEvent>(signal, (until) => [follow(last, until), progress(until)])),
      );
    });
  };

async function* sent(events: AsyncIterable<LiveEvent>): AsyncGenerator<SentEvent> {
  for await (const { id, type, data } of events) yield { ...(id === null ? {} : { id }), event: type, data };
}
