import type { Period, RetentionPolicy } from '@milvault/shared';
import { isGood, type Candidate } from '@milvault/repository';

/**
 * Retention said again, in the words of its documentation and without any thought of speed: for each backup, whether a
 * sentence of `docs/retention.md` keeps it. Of one source and plan, without the guard.
 */
export function slowlyKept(all: readonly Candidate[], policy: RetentionPolicy, timeZone: string, now: number) {
  const suspect = ({ backup: b }: Candidate) => b.committedAt > now + 600_000 || b.startedAt > b.committedAt + 600_000;
  const newer = (a: Candidate, b: Candidate) =>
    a.backup.committedAt > b.backup.committedAt ||
    (a.backup.committedAt === b.backup.committedAt && a.backup.id > b.backup.id);
  const begunLater = (a: Candidate, b: Candidate) =>
    a.backup.startedAt > b.backup.startedAt || (a.backup.startedAt === b.backup.startedAt && a.backup.id > b.backup.id);
  const good = all.filter((one) => !suspect(one) && isGood(one.backup.proofs));
  const isNewestOf = (set: readonly Candidate[], one: Candidate) =>
    set.includes(one) && !set.some((other) => newer(other, one));
  const newest = good.find((one) => isNewestOf(good, one));
  const newestAt = newest?.backup.committedAt ?? 0;
  const newestRows = newest?.backup.rows ?? 0;
  const rules = Object.keys(policy).filter((key) => key !== 'minGood');

  const byCalendar = (one: Candidate, period: Period): boolean => {
    const quota = policy[period];
    if (quota === undefined || !good.includes(one)) return false;
    const later = good.filter((other) => begunLater(other, one));
    const mine = slowLabel(one.backup.startedAt, period, timeZone);
    const labels = new Set(later.map((other) => slowLabel(other.backup.startedAt, period, timeZone)));
    if (!labels.has(mine) && labels.size < quota) return true;
    const ofAll = new Set(good.map((other) => slowLabel(other.backup.startedAt, period, timeZone)));
    return ofAll.size < quota && later.length === good.length - 1;
  };

  const stays = (one: Candidate): boolean => {
    const { backup } = one;
    if (suspect(one) || backup.hold !== undefined || rules.length === 0) return true;
    const age = now - backup.committedAt;
    if (policy.days !== undefined && age <= policy.days * 86_400_000) return true;
    if (good.includes(one)) {
      const newerGood = good.filter((other) => newer(other, one)).length;
      if (newerGood < Math.max(1, policy.minGood ?? 1, policy.last ?? 0)) return true;
      const behind = newestAt - backup.committedAt;
      if (behind <= (policy.withinHours ?? -1) * 3_600_000) return true;
      const kinds: ((other: Candidate) => boolean)[] = [
        (other) => other.backup.type === 'full',
        (other) => other.backup.rows > 0,
        (other) => other.backup.rows > 2 * newestRows,
      ];
      if (kinds.some((kind) => isNewestOf(good.filter(kind), one))) return true;
      return (['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const).some((period) => byCalendar(one, period));
    }
    const holds = (other: Candidate) =>
      backup.collections.every((a) => other.backup.collections.some((b) => a.collection === b.collection));
    return !good.some((other) => newer(other, one) && holds(other));
  };

  const kept = new Set(all.filter(stays).map((one) => one.backup.id));
  for (let before = -1; before !== kept.size;) {
    before = kept.size;
    for (const one of all) if (kept.has(one.backup.id)) for (const ref of one.refs) kept.add(ref);
  }
  return kept;
}

const formats = new Map<string, { clock: Intl.DateTimeFormat; offset: Intl.DateTimeFormat }>();

/** From the text that a Swedish reader sees, `2026-10-25 02:30`, and a walk back to the last Monday. */
export function slowLabel(at: number, period: Period, timeZone: string): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = {
      clock: new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }),
      offset: new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'longOffset' }),
    };
    formats.set(timeZone, format);
  }
  const text = format.clock.format(at);
  if (period === 'yearly') return text.slice(0, 4);
  if (period === 'monthly') return text.slice(0, 7);
  if (period === 'daily') return text.slice(0, 10);
  if (period === 'hourly') return `${text.slice(0, 13)}${format.offset.format(at).split(' ').at(-1) ?? ''}`;
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  while (day.getUTCDay() !== 1) day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}
