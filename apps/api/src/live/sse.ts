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
  const pause = createPause(clock, stop);
  let next: Promise<IteratorResult<SentEvent>> | null = null;
  // Goes out at once, and the headers with it.
  yield `retry: ${RETRY_MS}\n\n`;
  try {
    while (!stop.aborted) {
      // Asked for only where it is waited for in the same breath: nobody would hear of its fault otherwise.
      next ??= iterator.next();
      const got = await pause.orUntil(next);
      if (got === 'over') yield ': still here\n\n';
      else if (got === 'stopped' || got.done === true) return;
      else {
        next = null;
        yield frame(got.value);
      }
    }
  } finally {
    gone.abort();
    await iterator.return?.();
  }
}

/** One listener on `stop` for a whole stream: one for each event would add up over days. */
function createPause(clock: Clock, stop: AbortSignal) {
  let cut = new AbortController();
  stop.addEventListener('abort', () => cut.abort(), { once: true });
  return {
    async orUntil<T>(next: Promise<T>): Promise<T | 'over' | 'stopped'> {
      cut = new AbortController();
      if (stop.aborted) cut.abort();
      const pause = clock.sleep(KEEP_ALIVE_MS, cut.signal).then(
        () => 'over' as const,
        () => 'stopped' as const,
      );
      try {
        return await Promise.race([next, pause]);
      } finally {
        cut.abort();
      }
    },
  };
}

/** JSON has no raw line breaks, so one `data:` line is enough; ids and names are ours. */
const frame = ({ id, event, data }: SentEvent): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
