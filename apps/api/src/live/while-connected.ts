import type { FastifyReply } from 'fastify';
import { Stopped } from '@milvault/shared';

/** A signal that aborts when the caller has gone, so that nobody works for nobody. */
export function whileConnected(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Stopped('cancelled'));
  });
  return gone.signal;
}
