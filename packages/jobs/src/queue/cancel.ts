import type { Redis } from 'ioredis';
import type { House } from './house.ts';
import type { Underway } from './underway.ts';

const channelOf = (house: Pick<House, 'prefix'>): string => `${house.prefix}:@cancel`;

/** Notes the wish, then calls to all workers. One that does not hear the call looks at its next heartbeat. */
export async function requestCancel(house: House, run: string): Promise<void> {
  await house.catalog.work.requestCancel(run);
  await house.redis.publish(channelOf(house), run);
}

/** Stops this process's share of runs that are cancelled elsewhere. */
export async function listenForCancels(house: House, underway: Underway): Promise<{ close(): void }> {
  const subscriber: Redis = await house.connect('working');
  subscriber.on('message', (_channel, run) => underway.cancel(run));
  await subscriber.subscribe(channelOf(house));
  return { close: () => subscriber.disconnect() };
}

/** A call is heard by those who listen at that moment only; the noted wish stays. */
export async function lookForCancels(house: House, underway: Underway): Promise<void> {
  for (const run of underway.runs()) if (await house.catalog.work.cancelRequested(run)) underway.cancel(run);
}
