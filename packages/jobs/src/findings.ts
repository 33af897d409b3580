import { formatInstant, type HealthFinding } from '@milvault/alerts';
import type { CleanupReport } from '@milvault/repository';
import {
  formatBytes,
  formatCount,
  formatDuration,
  toErrorRecord,
  type Backup,
  type ErrorRecord,
  type Plan,
  type VerifyReport,
} from '@milvault/shared';

/** What jobs find, in the words that people are told. */

export function damageText(report: VerifyReport): string {
  const [first] = report.damages;
  if (first === undefined) return 'no damage was named';
  const where = first.collection === undefined ? '' : ` (collection ${first.collection})`;
  const more = report.damages.length === 1 ? '' : ` and ${String(report.damages.length - 1)} more`;
  return `${first.message}${where}${more}`;
}

export const damageFinding = (backup: Pick<Backup, 'id' | 'name'>, report: VerifyReport): HealthFinding => ({
  check: 'damage',
  subject: backup.id,
  ok: report.result === 'ok',
  title: report.result === 'ok' ? `backup ${backup.name} is sound` : `backup ${backup.name} is damaged`,
  facts: [
    { label: 'Backup', value: `${backup.name} (${backup.id})` },
    { label: 'Check', value: `level ${String(report.level)}` },
    ...report.damages.slice(0, 10).map((one) => ({ label: 'Damage', value: `${one.message} (${one.object})` })),
  ],
  next: 'Restore from another backup where you need one; take a new full; look at the disk',
});

/**
 * How old the newest good backup of a plan is. A plan that has none is judged from `seenSince`, when it was first seen:
 * its first backup is given the time that its others have.
 */
export function ageFinding(plan: Plan, newest: Backup | null, now: number, seenSince: number): HealthFinding {
  const limitMs = plan.maxAgeHours * 3_600_000;
  const age = newest === null ? null : now - newest.committedAt;
  const ok = (age ?? now - seenSince) <= limitMs;
  const facts = [
    { label: 'Plan', value: plan.name },
    { label: 'Allowed', value: `${formatCount(plan.maxAgeHours)} h` },
    newest === null
      ? { label: 'Newest good backup', value: 'none' }
      : { label: 'Newest good backup', value: `${newest.name}, ${formatInstant(newest.committedAt)}` },
  ];
  return {
    check: 'backup-age',
    subject: plan.name,
    ok,
    title:
      age === null
        ? `plan ${plan.name} has no good backup`
        : `the newest good backup of plan ${plan.name} is ${formatDuration(age)} old`,
    facts,
    next: 'Look at the newest runs of the plan, and whether a worker runs',
  };
}

/** Longer than any pause of a healthy Redis or worker: a tick is taken at once. */
const OVERDUE_MS = 5 * 60_000;

/** A schedule whose next run should have been started long ago: nobody takes ticks, or the schedule is stuck. */
export function overdueFinding({ id, due }: { id: string; due: number }, now: number): HealthFinding {
  const late = now - due;
  const ok = late <= OVERDUE_MS;
  return {
    check: 'overdue',
    subject: id,
    ok,
    title: ok ? `the schedule ${id} starts its runs in time` : `the schedule ${id} is overdue`,
    facts: ok
      ? []
      : [
          { label: 'Was due', value: formatInstant(due) },
          { label: 'Late by', value: formatDuration(late) },
        ],
    next: 'Look whether a worker runs and can reach Redis; the missed run is started as soon as one does',
  };
}

/** Whether Redis keeps what it is given. `trouble` is what is wrong; null where all is well. */
export const redisFinding = (trouble: ErrorRecord | null): HealthFinding => ({
  check: 'redis',
  subject: 'redis',
  ok: trouble === null,
  title: trouble === null ? 'Redis keeps what it is given' : 'Redis may lose jobs and schedules',
  facts:
    trouble === null
      ? []
      : [
          { label: 'Error', value: trouble.code },
          { label: 'What happened', value: trouble.message },
        ],
  next: trouble?.next ?? '',
});

/** The original's limit: a file system more than 90 % full. */
const FULLEST = 0.9;

export function spaceFinding(repository: string, space: { total: number; free: number }): HealthFinding {
  const used = space.total <= 0 ? 0 : 1 - space.free / space.total;
  const percent = `${(used * 100).toFixed(1)} %`;
  return {
    check: 'free-space',
    subject: repository,
    ok: used <= FULLEST,
    title: `the disk of repository ${repository} is ${percent} full`,
    facts: [
      { label: 'Free', value: `${formatBytes(space.free)} of ${formatBytes(space.total)}` },
      { label: 'Limit', value: `${String(FULLEST * 100)} %` },
    ],
    next: 'Free space or enlarge the disk before the next backup fails',
  };
}

/** Something was asked and answered, or did not. */
export function reachedFinding(check: 'source' | 'repository', subject: string, thrown: unknown): HealthFinding {
  const ok = thrown === null;
  const error = ok ? null : toErrorRecord(thrown);
  return {
    check,
    subject,
    ok,
    title: ok ? `${check} ${subject} answers` : `${check} ${subject} cannot be used`,
    facts:
      error === null
        ? []
        : [
            { label: 'Error', value: error.code },
            { label: 'What happened', value: error.message },
          ],
    next: error?.next ?? '',
  };
}

export function workersFinding(queues: { workers: number; waiting: number; paused: readonly string[] }): HealthFinding {
  const paused = queues.paused.length > 0;
  const ok = queues.workers > 0 && !paused;
  const title = ok
    ? 'workers take jobs'
    : paused
      ? `the queue ${queues.paused.join(', ')} is paused`
      : 'no worker takes jobs';
  return {
    check: 'workers',
    subject: 'queues',
    ok,
    title,
    facts: [
      { label: 'Workers', value: formatCount(queues.workers) },
      { label: 'Jobs waiting', value: formatCount(queues.waiting) },
    ],
    next: paused ? 'Resume the queue' : 'Start a worker',
  };
}

export function cleanupFinding(
  repository: string,
  { failed, guarded }: Pick<CleanupReport, 'failed' | 'guarded'>,
): HealthFinding {
  const stopped = guarded.map(({ plan, wouldGo, of }) => ({
    label: `Plan ${plan ?? '(by hand)'}`,
    value: `${formatCount(wouldGo)} of ${formatCount(of)} backups would go at once, so all of them stay`,
  }));
  const problem =
    failed.length > 0
      ? `could not remove ${formatCount(failed.length)} backups`
      : 'stopped: far more backups would go than usual';
  const ok = failed.length === 0 && guarded.length === 0;
  return {
    check: 'cleanup',
    subject: repository,
    ok,
    title: `the clean-up of repository ${repository} ${ok ? 'removes all that it should' : problem}`,
    facts: [...failed.slice(0, 10).map(({ id, message }) => ({ label: id, value: message })), ...stopped],
    next:
      failed.length > 0
        ? 'Look at the rights and the disk of the repository; the next clean-up tries again'
        : 'Look at `milvault prune --dry-run`, the clock and the retention of the plan; then `milvault prune --force`',
  };
}

/** Whether the runs of a schedule can be started. `reason` is why one could not; null where one was. */
export const tickFinding = (schedule: string, reason: string | null): HealthFinding => ({
  check: 'schedule',
  subject: schedule,
  ok: reason === null,
  title:
    reason === null ? `the schedule ${schedule} starts its runs` : `the schedule ${schedule} could not start a run`,
  facts: reason === null ? [] : [{ label: 'What happened', value: reason }],
  next: 'Look at the repository and the source of its plan, and start the run by hand',
});
