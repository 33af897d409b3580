import { CronExpressionParser } from 'cron-parser';

/** When a checked cron pattern fires next after `at`, in milliseconds since 1970; null where it never does again. */
export function nextDue(cron: string, timeZone: string, at: number): number | null {
  const times = CronExpressionParser.parse(cron, { tz: timeZone, currentDate: new Date(at) });
  return times.hasNext() ? times.next().getTime() : null;
}

/** When a checked cron pattern fired for the `back`-th time before `at`; `at` itself for 0. */
export function earlierDue(cron: string, timeZone: string, at: number, back: number): number {
  const times = CronExpressionParser.parse(cron, { tz: timeZone, currentDate: new Date(at) });
  let due = at;
  for (let left = back; left > 0; left--) due = times.prev().getTime();
  return due;
}
