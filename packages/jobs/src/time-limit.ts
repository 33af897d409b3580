import { fail, formatDuration, type Config, type Run } from '@milvault/shared';

const HOUR_MS = 3_600_000;

/** How long a run may take: what its plan says, else what the file says. */
export function limitMsOf({ plans, maxRunHours }: Config, plan: string | null): number {
  return (plans.find(({ name }) => name === plan)?.maxRunHours ?? maxRunHours) * HOUR_MS;
}

/**
 * What is left of it for a run that may go on in many processes: only the time of day is known to all of them. A clock
 * that jumps may end a run too soon, and that is told as any failure.
 */
export const msLeft = (limitMs: number, { startedAt }: Pick<Run, 'startedAt'>, now: number): number =>
  limitMs - (now - (startedAt ?? now));

export const timedOut = (limitMs: number): Error =>
  fail('RUN_TIMED_OUT', {
    what: 'The run was stopped, as it took longer than it may',
    expected: `an end within ${formatDuration(limitMs)}`,
    next: 'Look at its log for what is slow; or raise maxRunHours of the plan, or of the file',
  });
