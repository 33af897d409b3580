import { Type, type Static } from 'typebox';

const quota = (description: string) => Type.Optional(Type.Integer({ minimum: 1, description }));

/**
 * How long backups are kept: a backup stays as long as any of these says so. None at all keeps everything. The calendar
 * ones take the newest good backup of each hour, day, …, in the time zone of the plan.
 */
export const RETENTION_KEYS = {
  days: quota('backups older than this are deleted, unless another rule keeps them'),
  last: quota('so many of the newest good backups'),
  hourly: quota('the newest good backup of each of so many hours that have one'),
  daily: quota('the newest good backup of each of so many days that have one'),
  weekly: quota('the newest good backup of each of so many weeks (from Monday) that have one'),
  monthly: quota('the newest good backup of each of so many months that have one'),
  yearly: quota('the newest good backup of each of so many years that have one'),
  withinHours: quota('good backups at most so much older than the newest good one'),
  minGood: quota('so many good backups stay at the least, whatever the other rules say; default 1'),
} as const;

export const RetentionPolicy = Type.Object(RETENTION_KEYS, { additionalProperties: false });
export type RetentionPolicy = Static<typeof RetentionPolicy>;

/** The rules that let backups go: `minGood` alone lets none go. */
export const PERIODS = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type Period = (typeof PERIODS)[number];

export const keepsAll = (policy: RetentionPolicy): boolean =>
  Object.entries(policy).every(([key, value]) => key === 'minGood' || value === undefined);

/** `7 d, 4 weekly, 12 monthly`; `all` where nothing is ever deleted. */
export function retentionText(policy: RetentionPolicy): string {
  if (keepsAll(policy)) return 'all';
  const parts = [
    policy.days === undefined ? [] : [`${policy.days} d`],
    policy.last === undefined ? [] : [`last ${policy.last}`],
    PERIODS.flatMap((period) => (policy[period] === undefined ? [] : [`${policy[period]} ${period}`])),
    policy.withinHours === undefined ? [] : [`within ${policy.withinHours} h`],
  ];
  return parts.flat().join(', ');
}
