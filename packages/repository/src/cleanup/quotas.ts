import { keepsAll, PERIODS, type Period, type RetentionPolicy } from '@milvault/shared';
import { createCalendar, type Labels } from './calendar.ts';
import type { Candidate } from './retention.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

/** Reasons to keep, by id of a backup. */
export type Reasons = ReadonlyMap<string, readonly string[]>;

/**
 * What the rules of a plan keep, with every reason. `group` holds all backups of the plan and `good` those that count,
 * newest first.
 */
export function keptByRules(
  policy: RetentionPolicy,
  timeZone: string,
  backups: { readonly group: readonly Candidate[]; readonly good: readonly Candidate[] },
  now: number,
): Reasons {
  const { group, good } = backups;
  const reasons = new Map<string, string[]>();
  const add = ({ backup }: Candidate, reason: string): void =>
    void reasons.set(backup.id, [...(reasons.get(backup.id) ?? []), reason]);
  if (keepsAll(policy)) for (const one of group) add(one, 'its plan keeps all');
  const { days, last = 0, withinHours, minGood = 1 } = policy;
  if (days !== undefined) {
    for (const one of group) if (now - one.backup.committedAt <= days * DAY) add(one, `not older than ${days} days`);
  }
  good.slice(0, last).forEach((one, place) => add(one, `last ${place + 1}`));
  const newest = good[0]?.backup.committedAt ?? 0;
  if (withinHours !== undefined) {
    const within = good.filter((one) => newest - one.backup.committedAt <= withinHours * HOUR);
    for (const one of within) add(one, `within ${withinHours} hours of the newest`);
  }
  for (const { one, reason } of keptByCalendar(policy, timeZone, good)) add(one, reason);
  if (minGood > 1) for (const one of good.slice(0, minGood)) add(one, `one of the ${minGood} newest good ones`);
  return reasons;
}

type Kept = { readonly one: Candidate; readonly reason: string };

/** Backups belong to the hour or day that they were begun in: one that runs past midnight is still that day's. */
function keptByCalendar(policy: RetentionPolicy, timeZone: string, good: readonly Candidate[]): Kept[] {
  const asked = PERIODS.filter((period) => policy[period] !== undefined);
  if (asked.length === 0) return [];
  const labelsAt = createCalendar(timeZone);
  const labelled = [...good]
    .sort((a, b) => b.backup.startedAt - a.backup.startedAt || (a.backup.id < b.backup.id ? 1 : -1))
    .map((one) => ({ one, labels: labelsAt(one.backup.startedAt) }));
  return asked.flatMap((period) => keptByPeriod(labelled, period, policy[period] ?? 0));
}

/** As long as there is room, the oldest one stays too: it becomes the first of its kind. */
function keptByPeriod(
  labelled: readonly { readonly one: Candidate; readonly labels: Labels }[],
  period: Period,
  quota: number,
): Kept[] {
  const kept: Kept[] = [];
  let last: string | null = null;
  for (const { one, labels } of labelled) {
    if (labels[period] === last || kept.length === quota) continue;
    kept.push({ one, reason: `${period} ${kept.length + 1}` });
    last = labels[period];
  }
  const oldest = labelled.at(-1);
  if (oldest !== undefined && kept.length < quota) kept.push({ one: oldest.one, reason: `the oldest, for ${period}` });
  return kept;
}
