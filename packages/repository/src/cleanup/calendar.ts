import type { Period } from '@milvault/shared';

/** The names of the hour, day, week, month and year that a moment lies in, as a time zone tells them. */
export type Labels = Readonly<Record<Period, string>>;

const DAY = 24 * 60 * 60 * 1000;

/**
 * How moments are labelled in one time zone. An hour that a clock change repeats is two hours, told apart by their
 * distance from UTC, so no backup of either is taken for one of the other. Weeks begin on Monday (ISO 8601).
 */
export function createCalendar(timeZone: string): (at: number) => Labels {
  const format = formatOf(timeZone);
  return (at) => labelsOf(format, at);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Made once for each zone: making one takes longer than all that it is asked in a run. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(timeZone, format);
  return format;
}

function labelsOf(format: Intl.DateTimeFormat, at: number): Labels {
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  const date = Date.UTC(year, month - 1, day);
  const offset = Math.round((Date.UTC(year, month - 1, day, hour, minute, second) - at) / 60_000);
  const daily = `${year}-${month}-${day}`;
  return {
    hourly: `${daily} ${hour} ${offset}`,
    daily,
    weekly: `week ${mondayOf(date)}`,
    monthly: `${year}-${month}`,
    yearly: `${year}`,
  };
}

/** Days since 1970 of the Monday on or before a day. 1970-01-01 was a Thursday, three days after a Monday. */
const mondayOf = (date: number): number => {
  const days = Math.round(date / DAY);
  return days - ((((days + 3) % 7) + 7) % 7);
};
