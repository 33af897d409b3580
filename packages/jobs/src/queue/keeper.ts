import { beatHeart } from '@milvault/alerts';
import { Worker } from 'bullmq';
import { watchForSilence } from '../health.ts';
import { createAlertProcessor, noteLostAlert } from './alert-processor.ts';
import { contextOf } from './context.ts';
import { listenForFailures, sweepFailures } from './failures.ts';
import type { House } from './house.ts';
import { inTime } from './in-time.ts';
import { reconcile } from './reconcile.ts';
import { remind } from './reminding.ts';
import type { AlertData } from './telling.ts';
import { workerOptions } from './worker-options.ts';

/** What goes on in every process of the house, API and workers alike, so that it goes on where only one of them lives. */
export interface Keeper {
  close(): Promise<void>;
}

/**
 * Delivers alerts, hears of failures, keeps the schedules, looks for silence. The regular look is taken by one process
 * at a time.
 */
export async function startKeeper(house: House, holder: string): Promise<Keeper> {
  const { clock, logger, tuning } = house;
  const connection = await house.connect('working');
  const alerts = new Worker<AlertData>('alerts', createAlertProcessor(house), {
    ...workerOptions(house, connection, tuning.smallConcurrency),
    // Each wait that a channel asks for is a start: attempts alone count here.
    maxStartedAttempts: 1_000,
  });
  alerts.on('error', (err) => logger.debug({ err }, 'alerts: connection trouble'));
  alerts.on('failed', (job, error) => noteLostAlert(house, job, error));
  const failures = await listenForFailures(house);
  const stop = new AbortController();
  const look = (): Promise<void> => lookAround(house, holder, stop.signal);
  // A Redis that came back may have come back empty.
  const back = (): void => void safely(house, 'schedules', () => reconcile(house));
  house.redis.on('ready', back);
  await safely(house, 'schedules', () => reconcile(house));
  const looking = (async () => {
    while (!stop.signal.aborted) {
      // Rejects when the keeper is closed.
      await clock.sleep(tuning.keeperMs, stop.signal).catch(() => undefined);
      if (!stop.signal.aborted) await look();
    }
  })();
  return {
    close: async () => {
      stop.abort();
      house.redis.off('ready', back);
      const ending = Promise.all([looking, failures.close(), alerts.close()]);
      alerts.cancelAllJobs('handover');
      if (!(await inTime(clock, ending, tuning.handoverMs / 4)))
        await inTime(clock, alerts.disconnect(), DISCONNECT_MS);
      connection.disconnect();
    },
  };
}

const DISCONNECT_MS = 1_000;

async function lookAround(house: House, holder: string, signal: AbortSignal): Promise<void> {
  const mine = await safely(house, 'claim', () =>
    house.catalog.leases.claim('keeper', holder, house.tuning.keeperMs * 2),
  );
  if (mine !== true) return;
  const reconciled = await safely(house, 'schedules', () => reconcile(house));
  await safely(house, 'failures', () => sweepFailures(house));
  const looked = await safely(house, 'silence', () =>
    watchForSilence(contextOf(house, { id: 'watch', signal, logger: house.logger }, () => undefined)),
  );
  await safely(house, 'reminders', () => remind(house, reconciled?.deferred === false));
  // Only a watch that could look says so.
  const { heartbeat } = house.config;
  if (looked !== null && heartbeat !== null) await safely(house, 'heartbeat', () => beatHeart(heartbeat, signal));
}

/** One look that fails must stop no other one, nor the next. */
async function safely<Result>(house: House, what: string, look: () => Promise<Result>): Promise<Result | null> {
  try {
    return await look();
  } catch (err) {
    house.logger.warn({ err, what }, 'A regular look failed; it is tried again');
    return null;
  }
}
