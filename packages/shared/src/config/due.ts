import { CronExpressionParser } from 'cron-parser';

/** When a checked cron pattern fires next after `at`, in milliseconds since 1970; null where it never does again. */
export function nextDue(cron: string, timeZone: string, at: number): number | null {
  const times = CronExpressionParser.parse(cron, { tz: timeZone, currentDate: new Date(at) });
  return times.hasNext() ? times.next().getTime() : null;
}
