import type { Clock, Logger } from '@milvault/shared';
import type { Follow, LiveEvent } from './live-event.ts';

const AFTER_FAULT_MS = 1_000;

/** Calls back for each event until the signal aborts; goes on where it was after Redis was away. Never rejects. */
export async function listen(
  follow: Follow,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
  listener: (event: LiveEvent) => void,
): Promise<void> {
  let last: string | null = null;
  while (!signal.aborted) {
    try {
      for await (const event of follow(last, signal)) {
        last = event.id ?? last;
        listener(event);
      }
    } catch (err) {
      logger.debug({ err }, 'live events are not read until Redis answers again');
    }
    await clock.sleep(AFTER_FAULT_MS, signal).catch(() => undefined);
  }
}
