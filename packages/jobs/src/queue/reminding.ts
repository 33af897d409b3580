import { reminderDue, reminderEvent, subjectGoneEvent } from '@milvault/alerts';
import type { Incident } from '@milvault/catalog';
import { hasCode, type Config } from '@milvault/shared';
import type { House } from './house.ts';
import { schedulesOf } from './schedules.ts';
import { deliver } from './telling.ts';

const HOUR_MS = 3_600_000;
const MOST = 1_000;

/**
 * Tells again of what is still wrong, and ends what nobody can find well again because it is there no more. The latter
 * only where this process `rules`: one with an older configuration knows less than there is.
 */
export async function remind(house: House, rules: boolean): Promise<void> {
  const { incidents } = house.catalog;
  const { incidents: open } = await incidents.list({ open: true, limit: MOST, offset: 0 });
  for (const problem of open) {
    const at = house.clock.now();
    const number = reminderDue(problem, house.config.remindHours * HOUR_MS, at);
    // Whether a backup is still there is asked of the repositories only when it would be told of again.
    const gone = rules ? configuredNoMore(problem.incident, house.config) : null;
    const why = gone ?? (number > 0 ? await backupGone(house, problem) : null);
    if (why !== null) {
      await deliver(house, subjectGoneEvent(problem, why, at));
      await incidents.close(problem.incident, at);
      continue;
    }
    if (number === 0) continue;
    const event = reminderEvent(problem, number, at);
    if (await incidents.wasTold(event.key)) continue;
    await deliver(house, event);
    await incidents.told(event.key, problem.incident);
  }
}

/** Why nothing will look at this any more; null where something does. */
function configuredNoMore(incident: string, config: Config): string | null {
  const [kind = '', check = '', ...rest] = incident.split('/');
  const subject = rest.join('/');
  const known = (what: string, names: readonly { readonly name: string }[], name: string): string | null =>
    names.some((one) => one.name === name) ? null : `the ${what} ${name} is configured no more`;
  if (kind === 'plan-failing') return known('plan', config.plans, check);
  if (kind !== 'health') return null;
  if (check === 'source') return known('source', config.sources, subject);
  if (check === 'repository' || check === 'free-space' || check === 'cleanup')
    return known('repository', config.repositories, subject);
  if (check === 'backup-age') {
    const watched = config.plans.some(({ name, enabled }) => name === subject && enabled);
    return watched ? null : `the plan ${subject} has no schedule any more`;
  }
  if (check === 'schedule' || check === 'overdue') {
    return schedulesOf(config).some(({ id }) => id === subject)
      ? null
      : `the schedule ${subject} is configured no more`;
  }
  return null;
}

async function backupGone({ adapters, config }: House, { incident }: Incident): Promise<string | null> {
  const prefix = 'health/damage/';
  if (!incident.startsWith(prefix)) return null;
  const id = incident.slice(prefix.length);
  for (const { name } of config.repositories) {
    try {
      await (await adapters.repository(name)).find(id);
      return null;
    } catch (thrown) {
      // A repository that cannot be read may hold it.
      if (!hasCode(thrown, 'BACKUP_NOT_FOUND')) return null;
    }
  }
  return 'the backup is deleted';
}
