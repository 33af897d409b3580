import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Clock } from '@milvault/shared';

const KEEP_ALIVE_MS = 15_000;
const RETRY_MS = 3_000;

/** One Server-Sent Event. */
export interface SentEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

/**
 * Answers with Server-Sent Events until they end or the caller goes. `open` is called with a signal that aborts when the
 * caller goes or `ending` aborts. The stream waits for a slow caller, so nothing piles up here.
 */
export function sendEvents(
  reply: FastifyReply,
  clock: Clock,
  ending: AbortSignal,
  open: (signal: AbortSignal) => AsyncIterable<SentEvent>,
): FastifyReply {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const frames = framed(open(AbortSignal.any([gone.signal, ending])), clock, gone, ending);
  return reply
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    .type('text/event-stream')
    .send(Readable.from(frames, { objectMode: false, highWaterMark: 64 * 1024 }));
}

/** Frames with a comment now and then, so that proxies keep the line open and a dead one is noticed. */
async function* framed(
  events: AsyncIterable<SentEvent>,
  clock: Clock,
  gone: AbortController,
  ending: AbortSignal,
): AsyncGenerator<string> {
  const stop = AbortSignal.any([gone.signal, ending]);
  const iterator = events[Symbol.asyncIterator]();
  // Goes out at once, and the headers with it.
  yield `retry: ${RETRY_MS}\n\n`;
  try {
    let next = iterator.next();
    while (!stop.aborted) {
      const got = await firstOf(next, clock, stop);
      if (got === 'quiet') yield ': still here\n\n';
      else if (got === 'stopped' || got.done === true) return;
      else {
        yield frame(got.value);
        next = iterator.next();
      }
    }
  } finally {
    gone.abort();
    await iterator.return?.();
  }
}

type Next = IteratorResult<SentEvent>;

async function firstOf(next: Promise<Next>, clock: Clock, stop: AbortSignal): Promise<Next | 'quiet' | 'stopped'> {
  const arrived = new AbortController();
  const quiet = clock.sleep(KEEP_ALIVE_MS, AbortSignal.any([arrived.signal, stop])).then(
    () => 'quiet' as const,
    () => 'stopped' as const,
  );
  try {
    return await Promise.race([next, quiet]);
  } finally {
    arrived.abort();
  }
}

/** JSON has no raw line breaks, so one `data:` line is enough; ids and names are ours. */
const frame = ({ id, event, data }: SentEvent): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
