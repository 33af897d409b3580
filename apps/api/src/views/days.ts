import { nextDue, type Backup, type DayState, type Plan, type PlanDay, type Run } from '@milvault/shared';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
export const SHOWN_DAYS = 30;

export interface DaysInput {
  readonly plan: Plan;
  readonly now: number;
  /** Backup runs of the plan, as many as are known of the shown days. */
  readonly runs: readonly Run[];
  /** Backups of the plan. */
  readonly backups: readonly Backup[];
}

/**
 * The last 30 days of a plan, oldest first. What was tried comes from the runs and, where Redis forgot them, from the
 * backups that are there; retention takes backups away, so a day without one is not a day without a good run.
 */
export function daysOf({ plan, now, runs, backups }: DaysInput): PlanDay[] {
  const dayOf = dayIn(plan.timeZone);
  const seen = tally(runs, backups, dayOf);
  const due = dueDays(plan, now, dayOf);
  const first = [...seen.keys()].reduce<string | null>(
    (least, day) => (least === null || day < least ? day : least),
    null,
  );
  const today = dayOf(now);
  return lastDays(now, dayOf).map((day) => {
    const { good = 0, failed = 0, open = 0, bytes = 0 } = seen.get(day) ?? {};
    return {
      day,
      state: stateOf({
        good,
        failed,
        open,
        due: due.has(day),
        before: first === null || day < first,
        today: day === today,
      }),
      good,
      failed,
      bytes,
    };
  });
}

interface DayFacts {
  readonly good: number;
  readonly failed: number;
  readonly open: number;
  readonly due: boolean;
  readonly before: boolean;
  readonly today: boolean;
}

function stateOf({ good, failed, open, due, before, today }: DayFacts): DayState {
  if (good > 0) return failed > 0 ? 'mixed' : 'good';
  if (failed > 0) return 'failed';
  if (open > 0 && today) return 'waiting';
  if (before) return today ? 'waiting' : 'before';
  if (due) return 'missed';
  return today ? 'waiting' : 'idle';
}

interface Tally {
  good: number;
  failed: number;
  open: number;
  bytes: number;
}

function tally(runs: readonly Run[], backups: readonly Backup[], dayOf: (at: number) => string): Map<string, Tally> {
  const days = new Map<string, Tally>();
  const at = (time: number): Tally => {
    const day = dayOf(time);
    const known = days.get(day) ?? { good: 0, failed: 0, open: 0, bytes: 0 };
    days.set(day, known);
    return known;
  };
  const ofRuns = new Set<string>();
  for (const { state, queuedAt, result } of runs) {
    const day = at(queuedAt);
    if (state === 'succeeded') day.good += 1;
    else if (state === 'failed') day.failed += 1;
    else if (state === 'queued' || state === 'running') day.open += 1;
    // The result of a backup run is its backup.
    if (typeof result?.['id'] === 'string') ofRuns.add(result['id']);
  }
  for (const { id, startedAt, bytes } of backups) {
    const day = at(startedAt);
    if (!ofRuns.has(id)) day.good += 1;
    day.bytes += bytes.own;
  }
  return days;
}

/** Days on which a backup has been due. Frequent schedules are asked once an hour: they fire on every such day. */
function dueDays(plan: Plan, now: number, dayOf: (at: number) => string): Set<string> {
  const days = new Set<string>();
  if (!plan.enabled) return days;
  for (const cron of [plan.full, plan.incremental]) {
    if (cron === null) continue;
    let at = now - SHOWN_DAYS * DAY;
    for (let next = nextDue(cron, plan.timeZone, at); next !== null && next < now;) {
      days.add(dayOf(next));
      // Not over midnight: the first one of the next day would be jumped over.
      at = dayOf(next + HOUR) === dayOf(next) ? next + HOUR - 1 : next;
      next = nextDue(cron, plan.timeZone, at);
    }
  }
  return days;
}

function lastDays(now: number, dayOf: (at: number) => string): string[] {
  const days = new Set<string>();
  // Days of 23 and 25 hours: a step of half a day misses none, and the set drops the doubles.
  for (let at = now; days.size < SHOWN_DAYS; at -= DAY / 2) days.add(dayOf(at));
  return [...days].reverse();
}

function dayIn(timeZone: string): (at: number) => string {
  // The locale whose dates are YYYY-MM-DD.
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (at) => format.format(at);
}
