import type { Language } from './languages.ts';

/** Numbers, sizes and times as people of a language write them. */
export interface Format {
  /** Null: nobody knows. */
  count(value: number | null): string;
  bytes(value: number | null): string;
  duration(ms: number): string;
  percent(share: number): string;
  /** Date and time, in the browser's zone. */
  instant(at: number, timeZone?: string): string;
  /** `3 hours ago`, `in 2 minutes`. */
  relative(at: number, now: number): string;
  /** A day that is given as YYYY-MM-DD. */
  day(day: string): string;
}

const ABOUT_NOW_MS = 10_000;
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const STEPS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

export function createFormat(language: Language): Format {
  const locale = language === 'zh' ? 'zh-CN' : 'en-GB';
  const unknown = language === 'zh' ? '未知' : 'unknown';
  const count = new Intl.NumberFormat(locale);
  const size = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const part = (value: number, unit: string): string =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'narrow', maximumFractionDigits: 1 }).format(
      value,
    );
  return {
    count: (value) => (value === null ? unknown : count.format(value)),
    bytes: (value) => {
      if (value === null) return unknown;
      let unit = 0;
      for (; value >= 1000 && unit < UNITS.length - 1; unit += 1) value /= 1000;
      return `${size.format(value)}\u00a0${UNITS[unit] ?? ''}`;
    },
    duration: (ms) => {
      if (ms < 60_000) return part(ms / 1000, 'second');
      const minutes = Math.floor(ms / 60_000);
      if (minutes < 60) return `${part(minutes, 'minute')} ${part(Math.floor((ms % 60_000) / 1000), 'second')}`;
      return `${part(Math.floor(minutes / 60), 'hour')} ${part(minutes % 60, 'minute')}`;
    },
    percent: (share) => percent.format(share),
    instant: (at, timeZone) =>
      new Intl.DateTimeFormat(locale, {
        dateStyle: 'medium',
        timeStyle: 'medium',
        ...(timeZone === undefined ? {} : { timeZone }),
      }).format(at),
    relative: (at, now) => {
      // Clocks differ a little, and the one of the page goes on by steps: what just happened is not to come.
      const ms = at > now && at - now < ABOUT_NOW_MS ? 0 : at - now;
      const [unit, length] = STEPS.find(([, step]) => Math.abs(ms) >= step) ?? ['second', 1000];
      return relative.format(Math.trunc(ms / length), unit);
    },
    day: (text) => day.format(Date.parse(`${text}T00:00:00Z`)),
  };
}
