import {
  healthEvent,
  healthIncident,
  runFailedEvent,
  runIncident,
  runRecoveredEvent,
  type AlertEvent,
  type HealthFinding,
} from '@milvault/alerts';
import { hashedName, type Run } from '@milvault/shared';
import type { House } from './house.ts';
import { SCHEDULED } from './start.ts';

export interface AlertData {
  readonly event: AlertEvent;
  readonly channel: string;
}

/**
 * Hands an alert over to the queue `alerts`: one job for each channel, so that one that fails holds up no other. The
 * job's id comes from the event's key: adding it again, here or elsewhere, adds nothing.
 */
export async function deliver({ queues, config, logger }: House, event: AlertEvent): Promise<void> {
  const fields = { incident: event.incident, key: event.key };
  if (event.kind !== 'recovered') logger.error(fields, `ALERT: ${event.title}`);
  else logger.info(fields, `Recovered: ${event.title}`);
  for (const { name } of config.channels) {
    const data: AlertData = { event, channel: name };
    await queues.alerts.add('alert', data, { jobId: `alert-${hashedName(event.key, name)}` });
  }
}

/** Tells that a run failed for good: once, whoever notices and however often. */
export async function tellFailed(house: House, run: Run): Promise<void> {
  const { incidents } = house.catalog;
  const event = runFailedEvent(run);
  if (await incidents.wasTold(event.key)) return;
  // An old failure may be found after the next run went well: it is told, and nothing is open.
  const over = (await incidents.lastWell(event.incident)) >= event.at;
  if (!over) await incidents.open(event.incident, event.title, event.at, aboutOf(event));
  // First handed over, then noted: a crash between the two hands over once more, which adds nothing.
  await deliver(house, event);
  await incidents.told(event.key, event.incident);
  // Nothing that follows can end what was started by hand.
  if (!over && run.plan === null && run.trigger !== SCHEDULED) await incidents.close(event.incident, event.at);
}

/** A good run ends the incident of the failed ones before it. */
export async function tellSucceeded(house: House, run: Run): Promise<void> {
  const { incidents } = house.catalog;
  const incident = runIncident(run);
  if ((await incidents.current(incident)) !== null) await deliver(house, runRecoveredEvent(run));
  await incidents.close(incident, run.endedAt ?? house.clock.now());
}

/** What a check found, again and again: told when it is new, and when it is over. */
export async function reportFinding(house: House, finding: HealthFinding): Promise<void> {
  const { incidents } = house.catalog;
  const incident = healthIncident(finding);
  const at = house.clock.now();
  if (finding.ok) {
    const open = await incidents.current(incident);
    if (open === null) return;
    await deliver(house, healthEvent(finding, { since: open.openedAt, at }));
    await incidents.close(incident, at);
    return;
  }
  const { openedAt } = await incidents.open(incident, finding.title, at, aboutOf(finding));
  const event = healthEvent(finding, { since: openedAt, at });
  if (await incidents.wasTold(event.key)) return;
  await deliver(house, event);
  await incidents.told(event.key, incident);
}

const aboutOf = ({ facts, next }: Pick<AlertEvent, 'facts' | 'next'>): Pick<AlertEvent, 'facts' | 'next'> => ({
  facts,
  next,
});
