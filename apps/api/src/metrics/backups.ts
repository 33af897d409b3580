import type { Registry } from 'prom-client';
import type { Backup } from '@milvault/shared';
import type { ApiParts } from '../parts.ts';
import { newestGood } from '../views/good.ts';
import { gauge, type Subject } from './subject.ts';

/** What can be restored, and how old the newest good backup of each plan is: alert on the age, silence included. */
export function backupGauges(registry: Registry, { config, service, clock }: ApiParts): Subject {
  const labels = ['repository', 'type'] as const;
  const count = gauge(registry, 'milvault_backups', 'Complete backups', labels);
  const rows = gauge(registry, 'milvault_backup_rows', 'Rows in all complete backups', labels);
  const bytes = gauge(registry, 'milvault_backup_bytes', 'Bytes that all complete backups take', labels);
  const age = gauge(
    registry,
    'milvault_plan_last_good_backup_age_seconds',
    'Age of the newest good backup of a plan; +Inf where there is none',
    ['plan'],
  );
  const limit = gauge(registry, 'milvault_plan_max_age_seconds', 'Age that the plan allows', ['plan']);
  return {
    name: 'backups',
    gauges: [count, rows, bytes, age, limit],
    read: async () => {
      const { backups, unread } = await service.survey({});
      const isUnread = new Set(unread.map(({ repository }) => repository));
      return () => {
        for (const backup of backups) {
          const { repository, type } = backup;
          count.inc({ repository, type });
          rows.inc({ repository, type }, backup.rows);
          bytes.inc({ repository, type }, backup.bytes.own);
        }
        for (const plan of config.plans) {
          // Unknown is not old: `milvault_repository_up` tells of it.
          if (!isUnread.has(plan.repository)) age.set({ plan: plan.name }, goodAge(backups, plan.name, clock.now()));
          limit.set({ plan: plan.name }, plan.maxAgeHours * 3600);
        }
      };
    },
  };
}

function goodAge(backups: readonly Backup[], plan: string, now: number): number {
  const newest = newestGood(backups.filter((backup) => backup.plan === plan));
  return newest === null ? Infinity : Math.max(0, (now - newest.committedAt) / 1000);
}
