import { DelayedError, UnrecoverableError, WaitingError, type Job, type Processor } from 'bullmq';
import { createChannels, render } from '@milvault/alerts';
import { isMilvaultError } from '@milvault/shared';
import type { House } from './house.ts';
import type { AlertData } from './telling.ts';

/** Delivers one alert by one channel. What may work later is tried again, also long after. */
export function createAlertProcessor(house: House): Processor<AlertData> {
  const senders = new Map(
    createChannels(house.config.channels, { clock: house.clock }).map((sender) => [sender.name, sender]),
  );
  return async function processAlert(job: Job<AlertData>, token?: string, signal?: AbortSignal): Promise<unknown> {
    const { event, channel } = job.data;
    const sender = senders.get(channel);
    if (sender === undefined) return { state: 'the channel is configured no more' };
    try {
      await sender.send(render(event), signal ?? new AbortController().signal);
      return { state: 'delivered' };
    } catch (thrown) {
      if (signal?.aborted === true) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      house.logger.warn({ err: thrown, channel, alert: event.title }, 'An alert was not delivered');
      if (isMilvaultError(thrown) && !thrown.retryable) throw new UnrecoverableError(thrown.message);
      const wait = isMilvaultError(thrown) ? thrown.details?.['retryAfterMs'] : undefined;
      if (typeof wait !== 'number') throw thrown;
      // The other side said when: that uses up no attempt.
      await job.moveToDelayed(house.clock.now() + wait, token);
      throw new DelayedError();
    }
  };
}

/** An alert that nobody got is the worst that can be said here: it is said as loudly as a log can. */
export function noteLostAlert(house: House, job: Job<AlertData> | undefined, error: Error): void {
  if (job?.finishedOn === undefined) return;
  const { event, channel } = job.data;
  house.logger.fatal({ err: error, channel, incident: event.incident }, `ALERT NOT DELIVERED: ${event.title}`);
}
