import {
  nextDue,
  type Backup,
  type Concern,
  type Config,
  type IncidentView,
  type Overview,
  type Plan,
  type PlanHealth,
  type Run,
  type StorageHealth,
} from '@milvault/shared';
import { daysOf } from './days.ts';
import { newestGood } from './good.ts';

export interface OverviewFacts {
  readonly config: Config;
  readonly now: number;
  readonly backups: readonly Backup[];
  /** Backup and drill runs by plan, newest first. */
  readonly runsOf: (plan: string) => { readonly backup: readonly Run[]; readonly drill: readonly Run[] };
  readonly running: number;
  readonly incidents: readonly IncidentView[];
  readonly workers: number;
  readonly storage: readonly StorageHealth[];
}

/** The disk is told as full where the health check does so, too. */
const FULLEST = 0.9;
const PROVED_BY_DRILL = 4;

/** One state for everything: the worst of all concerns. Pure, so that each of them is tested. */
export function overviewOf(facts: OverviewFacts): Overview {
  const { config, now, backups, incidents, workers, running, storage } = facts;
  const plans = config.plans.map((plan) => planHealth(plan, facts));
  const concerns = concernsOf(facts, plans);
  return {
    at: now,
    level: levelOf(concerns, config.plans.length === 0 && backups.length === 0),
    concerns,
    plans,
    storage: [...storage],
    incidents: [...incidents],
    workers,
    running,
    backups: backups.length,
  };
}

function levelOf(concerns: readonly Concern[], empty: boolean): Overview['level'] {
  if (concerns.some(({ level }) => level === 'bad')) return 'bad';
  if (empty) return 'empty';
  return concerns.length > 0 ? 'warning' : 'good';
}

function planHealth(plan: Plan, { now, backups, runsOf }: OverviewFacts): PlanHealth {
  const own = backups.filter((backup) => backup.plan === plan.name);
  const runs = runsOf(plan.name);
  const good = newestGood(own);
  return {
    plan: plan.name,
    source: plan.source,
    enabled: plan.enabled,
    timeZone: plan.timeZone,
    maxAgeHours: plan.maxAgeHours,
    next: nextOf(plan, now),
    lastGood: good === null ? null : { id: good.id, name: good.name, type: good.type, committedAt: good.committedAt },
    lastProved: provedOf(own, runs.drill),
    running: runs.backup.find(({ state }) => state === 'running')?.id ?? null,
    days: daysOf({ plan, now, runs: runs.backup, backups: own }),
  };
}

function nextOf(plan: Plan, now: number): PlanHealth['next'] {
  if (!plan.enabled) return null;
  const due = (['full', 'incremental'] as const).flatMap((type) => {
    const cron = plan[type];
    const at = cron === null ? null : nextDue(cron, plan.timeZone, now);
    return at === null ? [] : [{ at, type }];
  });
  return due.sort((a, b) => a.at - b.at)[0] ?? null;
}

/** From the reports in the repository; and from the runs, because a backup that was proved may be gone by now. */
function provedOf(backups: readonly Backup[], drills: readonly Run[]): PlanHealth['lastProved'] {
  const reported = backups.flatMap(({ name, proofs }) =>
    proofs
      .filter(({ level, result }) => level === PROVED_BY_DRILL && result === 'ok')
      .map(({ at }) => ({ backup: name, at })),
  );
  const done = drills.flatMap(({ state, endedAt, request, result }) =>
    state === 'succeeded' && endedAt !== null && result?.['result'] === 'ok'
      ? [{ backup: String(request['backup']), at: endedAt }]
      : [],
  );
  return [...reported, ...done].sort((a, b) => b.at - a.at)[0] ?? null;
}

function concernsOf(facts: OverviewFacts, plans: readonly PlanHealth[]): Concern[] {
  const { incidents, workers, storage, config, backups } = facts;
  const told = new Set(incidents.map(({ incident }) => incident));
  const idle = config.plans.length === 0 && backups.length === 0;
  const found = [
    ...plans.flatMap((plan) =>
      agesOf(plan, facts).map((concern) => [`health/backup-age/${plan.plan}`, concern] as const),
    ),
    ...storage.flatMap((one) => spaceOf(one, idle)),
    ...(workers > 0
      ? []
      : [
          ['health/workers/queues', { kind: 'no-worker', level: 'bad', subject: '', detail: '', since: null }] as const,
        ]),
  ];
  return [
    ...incidents.map(({ incident, title, openedAt }): Concern => ({
      kind: 'incident',
      level: 'bad',
      subject: incident,
      detail: title,
      since: openedAt,
    })),
    // What was told already stands above.
    ...found.filter(([incident]) => !told.has(incident)).map(([, concern]) => concern),
  ];
}

function agesOf({ plan, enabled, next, lastGood, maxAgeHours }: PlanHealth, { now }: OverviewFacts): Concern[] {
  if (!enabled || next === null) return [];
  if (lastGood === null) {
    return [{ kind: 'plan-empty', level: 'warning', subject: plan, detail: '', since: null }];
  }
  if (now - lastGood.committedAt <= maxAgeHours * 3_600_000) return [];
  return [{ kind: 'plan-late', level: 'bad', subject: plan, detail: lastGood.name, since: lastGood.committedAt }];
}

/** A repository that nobody made yet is no trouble where nothing is to be kept in it. */
function spaceOf(one: StorageHealth, idle: boolean): (readonly [incident: string, Concern])[] {
  const { repository: subject, error, space } = one;
  if (error !== null) {
    if (idle && error.code === 'REPO_NOT_A_REPOSITORY') return [];
    return [
      [
        `health/repository/${subject}`,
        { kind: 'repository', level: 'bad', subject, detail: error.message, since: null },
      ],
    ];
  }
  if (space === null || space.total <= 0 || 1 - space.free / space.total <= FULLEST) return [];
  return [[`health/free-space/${subject}`, { kind: 'disk-full', level: 'bad', subject, detail: '', since: null }]];
}
