import { CronExpressionParser } from 'cron-parser';
import type { Complaint } from './faults.ts';

const EXPECTED = 'HH:MM (00:00 to 23:59) or a cron pattern of five fields, such as `30 2 * * 0`';
const CLOCK_TIME = /^(\d{1,2}):(\d{1,2})$/;
const STRICT_TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;
/** `H` (a random moment of cron-parser) would differ between two processes that read the same file. */
const RANDOM_FIELD = /(^|[\s,])H($|[\s,/(])/i;

/** What is wrong with `HH:MM`, or null. */
export const timeComplaint = (text: string): Complaint =>
  STRICT_TIME.test(text) ? null : { expected: 'a time HH:MM from 00:00 to 23:59' };

/** What is wrong with a schedule, `HH:MM` or cron, or null. */
export function scheduleComplaint(text: string): Complaint {
  const trimmed = text.trim();
  if (CLOCK_TIME.test(trimmed)) return timeComplaint(trimmed);
  if (trimmed.split(/\s+/).length !== 5) return { expected: EXPECTED };
  if (RANDOM_FIELD.test(trimmed)) return { expected: `${EXPECTED}, without \`H\`` };
  try {
    CronExpressionParser.parse(trimmed, { tz: 'UTC' }).next();
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { expected: EXPECTED, got: `${JSON.stringify(text)} (${why})` };
  }
}

/** Five cron fields of a checked schedule; `HH:MM` means daily. */
export function toCron(schedule: string): string {
  const time = CLOCK_TIME.exec(schedule.trim());
  if (time === null) return schedule.trim().split(/\s+/).join(' ');
  return `${Number(time[2])} ${Number(time[1])} * * *`;
}

/** Sunday: people look at fewer systems then. The original names no weekday. */
export const weeklyCron = (time: string): string => toCron(time).replace(/\*$/, '0');

export function timeZoneComplaint(zone: string): Complaint {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    if (/^[A-Za-z]/.test(zone)) return null;
  } catch {
    // Told below, with the same words as an offset.
  }
  return { expected: 'an IANA time zone, such as UTC or Europe/Berlin' };
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Day, month and weekday are left open, so it fires at least daily: by far the most usual, and the search takes long. */
const EACH_DAY = / \* \* \*$/;
/** Every length of a month and a leap day lie within this year and a bit. */
const FROM = Date.UTC(2024, 0, 1);
const UNTIL = FROM + 400 * DAY;

/**
 * Hours of the longest pause between two firings of any of the crons, reckoned in UTC; at least 24, as shorter pauses do
 * not matter to anybody who asks. Null where there is no cron.
 */
export function longestPauseHours(crons: readonly string[]): number | null {
  if (crons.length === 0) return null;
  if (crons.some((cron) => EACH_DAY.test(cron))) return 24;
  const patterns = crons.map((cron) => CronExpressionParser.parse(cron, { tz: 'UTC' }));
  const after = (at: number): number =>
    Math.min(...patterns.map((pattern) => (pattern.reset(new Date(at)), pattern.next().getTime())));
  const before = (at: number): number =>
    Math.max(...patterns.map((pattern) => (pattern.reset(new Date(at)), pattern.prev().getTime())));
  let longest = DAY;
  for (let at = after(FROM); at < UNTIL;) {
    const lastWithinDay = before(at + DAY + 1);
    const next = lastWithinDay > at ? lastWithinDay : after(at);
    longest = Math.max(longest, next - at);
    at = next;
  }
  return Math.ceil(longest / HOUR);
}
