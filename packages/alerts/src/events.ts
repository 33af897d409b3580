import { formatBytes, formatCount, formatDuration, headline, type Run, type RunKind } from '@milvault/shared';
import type { AlertEvent } from './port.ts';

type Fact = AlertEvent['facts'][number];

const NOUNS: Record<RunKind, string> = {
  backup: 'backup',
  verify: 'check of a backup',
  drill: 'trial restore',
  restore: 'restore',
  cleanup: 'clean-up',
  health: 'health check',
};

/** Times in alerts, for people of any time zone: `2026-11-22 15:30:05 UTC`. */
export const formatInstant = (at: number): string =>
  new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');

/**
 * The incident that a run of this kind belongs to: a plan's, or for scheduled work without a plan (clean-up, health)
 * the job's. A run that somebody started by hand is an incident of its own, which nothing else can end.
 */
export function runIncident(run: Pick<Run, 'id' | 'kind' | 'plan' | 'trigger'>): string {
  if (run.plan !== null) return `plan-failing/${run.plan}/${run.kind}`;
  return run.trigger === 'schedule' ? `job-failing/${run.kind}` : `run-failing/${run.id}`;
}

const about = (run: Run): string => (run.plan === null ? '' : ` of plan ${run.plan}`);

/** For a run that failed for good. Throws TypeError for any other: an alert must not say what is not so. */
export function runFailedEvent(run: Run): AlertEvent {
  if (run.state !== 'failed' || run.endedAt === null) throw new TypeError(`run ${run.id} is ${run.state}, not failed`);
  return {
    key: `run-failed/${run.id}/${run.endedAt}`,
    incident: runIncident(run),
    kind: 'opened',
    title: `the ${NOUNS[run.kind]}${about(run)} failed`,
    facts: [...errorFacts(run), ...runFacts(run)],
    next: run.error?.next ?? 'Look at the log of the run',
    at: run.endedAt,
  };
}

/** For the first good run after failed ones of the same incident. TypeError for a run that did not succeed. */
export function runRecoveredEvent(run: Run): AlertEvent {
  if (run.state !== 'succeeded' || run.endedAt === null) {
    throw new TypeError(`run ${run.id} is ${run.state}, not succeeded`);
  }
  return {
    key: `run-recovered/${run.id}/${run.endedAt}`,
    incident: runIncident(run),
    kind: 'recovered',
    title: `the ${NOUNS[run.kind]}${about(run)} works again`,
    facts: runFacts(run),
    next: '',
    at: run.endedAt,
  };
}

function errorFacts({ error }: Run): Fact[] {
  if (error === null) return [{ label: 'Error', value: 'not recorded' }];
  const facts: (Fact | null)[] = [
    { label: 'Error', value: error.code },
    { label: 'What happened', value: headline(error) },
    error.expected === undefined ? null : { label: 'Expected', value: error.expected },
    error.got === undefined ? null : { label: 'Got', value: error.got },
    error.causes?.[0] === undefined ? null : { label: 'Because', value: error.causes.join(' <- ') },
  ];
  return facts.filter((fact) => fact !== null);
}

function runFacts(run: Run): Fact[] {
  const started = run.startedAt ?? run.queuedAt;
  const { rows, bytes, partsDone, partsTotal } = run.progress;
  const facts: (Fact | null)[] = [
    { label: 'Run', value: run.id },
    { label: 'Started by', value: run.trigger },
    { label: 'Started', value: formatInstant(started) },
    run.endedAt === null ? null : { label: 'Took', value: formatDuration(run.endedAt - started) },
    run.attempts > 1 ? { label: 'Attempts', value: formatCount(run.attempts) } : null,
    partsTotal > 0 ? { label: 'Parts', value: `${formatCount(partsDone)} of ${formatCount(partsTotal)} done` } : null,
    rows > 0 ? { label: 'Rows', value: `${formatCount(rows)} (${formatBytes(bytes)})` } : null,
  ];
  return facts.filter((fact) => fact !== null);
}

/** What a health check looks at. One subject (a plan, a repository, …) has at most one incident per check. */
export type HealthCheck =
  | 'backup-age'
  | 'free-space'
  | 'source'
  | 'repository'
  | 'workers'
  | 'redis'
  | 'schedule'
  | 'overdue'
  | 'damage'
  | 'cleanup';

/** One thing that a health check found wrong, or well again. */
export interface HealthFinding {
  readonly check: HealthCheck;
  /** Name of the plan, source or repository, or of the queue. */
  readonly subject: string;
  readonly ok: boolean;
  /** A sentence without a full stop: `the newest good backup of plan daily is 31 h old`. */
  readonly title: string;
  readonly facts: readonly Fact[];
  /** What to do; not told when it is well again. */
  readonly next: string;
}

export const healthIncident = (finding: Pick<HealthFinding, 'check' | 'subject'>): string =>
  `health/${finding.check}/${finding.subject}`;

/**
 * `since` is when this incident was opened: each hourly check that finds the same thing gives the same key, so it is
 * told once, and the same thing a month later is told again.
 */
export function healthEvent(
  finding: HealthFinding,
  times: { readonly since: number; readonly at: number },
): AlertEvent {
  const incident = healthIncident(finding);
  const lasted = { label: 'Lasted', value: formatDuration(Math.max(0, times.at - times.since)) };
  return {
    key: `${incident}/${times.since}/${finding.ok ? 'recovered' : 'opened'}`,
    incident,
    kind: finding.ok ? 'recovered' : 'opened',
    title: finding.title,
    facts: finding.ok ? [...finding.facts, lasted] : finding.facts,
    next: finding.ok ? '' : finding.next,
    at: times.at,
  };
}

/** What is known of a problem that is still there. */
export interface OpenProblem {
  readonly incident: string;
  readonly title: string;
  readonly openedAt: number;
  readonly seenAt: number;
  readonly about?: Pick<AlertEvent, 'facts' | 'next'> | undefined;
}

/** Which reminder of a problem is due: 0 for none yet, then 1, 2, … Those that nobody could give are left out. */
export const reminderDue = ({ openedAt }: Pick<OpenProblem, 'openedAt'>, everyMs: number, at: number): number =>
  Math.max(0, Math.floor((at - openedAt) / everyMs));

export const reminderEvent = (problem: OpenProblem, number: number, at: number): AlertEvent => ({
  key: `${problem.incident}/${problem.openedAt}/reminder-${number}`,
  incident: problem.incident,
  kind: 'reminder',
  title: problem.title,
  facts: [
    ...(problem.about?.facts ?? []),
    { label: 'Since', value: formatInstant(problem.openedAt) },
    { label: 'Last seen', value: formatInstant(problem.seenAt) },
  ],
  next: problem.about?.next ?? 'Look at the incident, and at the first alert of it',
  at,
});

/** For a problem whose subject is gone: its plan, source or repository is configured no more, its backup is deleted. */
export const subjectGoneEvent = ({ incident, title, openedAt }: OpenProblem, why: string, at: number): AlertEvent => ({
  key: `${incident}/${openedAt}/recovered`,
  incident,
  kind: 'recovered',
  title,
  facts: [
    { label: 'Because', value: why },
    { label: 'Lasted', value: formatDuration(Math.max(0, at - openedAt)) },
  ],
  next: '',
  at,
});
