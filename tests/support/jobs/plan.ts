import { BACKUP_DEFAULTS } from '@milvault/jobs';
import type { Plan } from '@milvault/shared';

export const NEVER = '0 0 1 1 *';
/** Six fields, which no configuration takes: so that a test need not wait for a minute. */
export const EACH_SECOND = '* * * * * *';

/** A plan whose schedules are never due while a test runs. */
export const planOf = (extra: Partial<Plan> = {}): Plan => ({
  name: 'films',
  source: 'src',
  repository: 'repo',
  collections: ['*'],
  engine: 'auto',
  timeZone: 'UTC',
  full: NEVER,
  incremental: null,
  ...BACKUP_DEFAULTS,
  verify: 2,
  check: null,
  checkLevel: 3,
  checkRuns: 4,
  drill: null,
  drillTarget: null,
  drillRuns: null,
  retention: { days: 7 },
  maxAgeHours: 24,
  maxRunHours: 24,
  enabled: true,
  ...extra,
});
