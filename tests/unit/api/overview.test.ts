import { describe, expect, test } from 'vitest';
import type { Backup, IncidentView, Plan, Run, StorageHealth } from '@milvault/shared';
import { daysOf } from '../../../apps/api/src/views/days.ts';
import { familyOf } from '../../../apps/api/src/views/family.ts';
import { overviewOf, type OverviewFacts } from '../../../apps/api/src/views/overview.ts';
import { backup, bench, config, LOCAL, run, withApp } from './parts.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Wednesday, 2026-11-25 12:00 UTC. */
const NOW = Date.UTC(2026, 10, 25, 12);

const storage = (change: Partial<StorageHealth> = {}): StorageHealth => ({
  repository: 'main',
  place: '/backups/main',
  space: { total: 100, free: 50 },
  backups: 1,
  bytes: 1000,
  error: null,
  ...change,
});
const incident = (name: string): IncidentView => ({
  incident: name,
  title: 'something is wrong',
  openedAt: NOW - HOUR,
  seenAt: NOW,
  closedAt: null,
  told: 1,
});
const good = (change: Partial<Backup> = {}): Backup =>
  backup({ startedAt: NOW - 2 * HOUR, committedAt: NOW - 2 * HOUR, ...change });

const facts = (change: Partial<OverviewFacts> = {}): OverviewFacts => ({
  config: config(),
  now: NOW,
  backups: [good()],
  runsOf: () => ({ backup: [], drill: [] }),
  running: 0,
  incidents: [],
  workers: 1,
  storage: [storage()],
  ...change,
});
const stateOf = (change: Partial<OverviewFacts>) => {
  const { level, concerns } = overviewOf(facts(change));
  return [level, concerns.map(({ kind, subject }) => `${kind} ${subject}`)];
};

describe('one state for everything', () => {
  test('is good only where nothing is wrong', () => expect(stateOf({})).toEqual(['good', []]));

  test.each<[string, Partial<OverviewFacts>, string, string]>([
    [
      'a plan whose newest good backup is too old',
      { backups: [good({ committedAt: NOW - 30 * DAY })] },
      'bad',
      'plan-late daily',
    ],
    ['a plan without a good backup', { backups: [] }, 'warning', 'plan-empty daily'],
    [
      'a backup that a check found damaged',
      { backups: [good({ proofs: [{ level: 2, result: 'damaged', at: NOW }] })] },
      'warning',
      'plan-empty daily',
    ],
    ['no worker', { workers: 0 }, 'bad', 'no-worker '],
    ['a full disk', { storage: [storage({ space: { total: 100, free: 9 } })] }, 'bad', 'disk-full main'],
    [
      'a repository that cannot be read',
      { storage: [storage({ error: { code: 'REPO_READ_FAILED', message: 'no', next: 'look' } })] },
      'bad',
      'repository main',
    ],
    ['an open incident', { incidents: [incident('run-failing/x')] }, 'bad', 'incident run-failing/x'],
  ])('is not good with %s', (_what, change, level, concern) => expect(stateOf(change)).toEqual([level, [concern]]));

  test('names a problem once, where people were told of it already', () => {
    const late = { backups: [good({ committedAt: NOW - 30 * DAY })], incidents: [incident('health/backup-age/daily')] };
    expect(stateOf(late)).toEqual(['bad', ['incident health/backup-age/daily']]);
  });

  test('is empty where nothing is planned, and a repository that nobody made is no trouble then', () => {
    const nobody = storage({ error: { code: 'REPO_NOT_A_REPOSITORY', message: 'none', next: 'make one' } });
    const empty = { config: { ...config(), plans: [] }, backups: [], storage: [nobody] };
    expect(stateOf(empty)).toEqual(['empty', []]);
    expect(stateOf({ ...empty, workers: 0 })).toEqual(['bad', ['no-worker ']]);
  });

  test('a trial restore proves a plan by its report, or by its run where the backup is gone', () => {
    const [byReport] = overviewOf(
      facts({ backups: [good({ proofs: [{ level: 4, result: 'ok', at: NOW - HOUR }] })] }),
    ).plans;
    expect(byReport?.lastProved).toEqual({ backup: 'full_20261122_020000', at: NOW - HOUR });
    const drill = run({
      kind: 'drill',
      state: 'succeeded',
      endedAt: NOW - DAY,
      request: { backup: 'old' },
      result: { result: 'ok' },
    });
    const [byRun] = overviewOf(facts({ runsOf: () => ({ backup: [], drill: [drill] }) })).plans;
    expect(byRun?.lastProved).toEqual({ backup: 'old', at: NOW - DAY });
    const failed = { ...drill, result: { result: 'failed' } };
    expect(overviewOf(facts({ runsOf: () => ({ backup: [], drill: [failed] }) })).plans[0]?.lastProved).toBeNull();
  });
});

describe('the days of a plan', () => {
  const plan = (change: Partial<Plan> = {}): Plan => {
    const [first] = config().plans;
    if (first === undefined) throw new TypeError('the bench has a plan');
    return { ...first, full: null, incremental: '0 2 * * *', timeZone: 'UTC', ...change };
  };
  const at = (daysAgo: number): number => NOW - 10 * HOUR - daysAgo * DAY;
  const done = (daysAgo: number, state: Run['state']): Run =>
    run({ id: `r${String(daysAgo)}${state}`, state, queuedAt: at(daysAgo) });
  const states = (change: Partial<Parameters<typeof daysOf>[0]>): string[] =>
    daysOf({ plan: plan(), now: NOW, runs: [], backups: [], ...change }).map(({ state }) => state);

  test('are thirty, and before the first sign of the plan nothing is said of them', () => {
    const days = daysOf({ plan: plan(), now: NOW, runs: [], backups: [] });
    expect(days.map(({ day }) => day)).toEqual([...days.map(({ day }) => day)].sort());
    expect([days.length, days[0]?.day, days.at(-1)?.day]).toEqual([30, '2026-10-27', '2026-11-25']);
    expect(new Set(states({}).slice(0, -1))).toEqual(new Set(['before']));
    expect(states({}).at(-1)).toBe('waiting');
  });

  test('tell a good day from one with failures, a failed one and a missed one', () => {
    const runs = [
      done(5, 'succeeded'),
      done(4, 'succeeded'),
      done(4, 'failed'),
      done(3, 'failed'),
      done(1, 'succeeded'),
    ];
    expect(states({ runs }).slice(-6)).toEqual(['good', 'mixed', 'failed', 'missed', 'good', 'missed']);
  });

  test('do not call a day missed on which none was due', () => {
    const weekly = plan({ incremental: '0 2 * * 0' });
    expect(states({ plan: weekly, runs: [done(3, 'succeeded')] }).slice(-4)).toEqual([
      'good',
      'idle',
      'idle',
      'waiting',
    ]);
  });

  test('find each due day of schedules that fire often, at midnight, and across a change of the clocks', () => {
    for (const cron of ['* * * * *', '55 23 * * *', '5 0 * * *', '30 2 * * *', '0 */6 * * *']) {
      const often = plan({ incremental: cron, timeZone: 'Europe/Berlin' });
      // Berlin's clocks went back on 2026-10-25, which lies before these days; New York's on 2026-11-01.
      const first = run({ state: 'succeeded', queuedAt: NOW - 28 * DAY });
      expect([
        cron,
        states({ plan: often, runs: [first] })
          .slice(3, -1)
          .every((state) => state === 'missed'),
      ]).toEqual([cron, true]);
      const abroad = { ...often, timeZone: 'America/New_York' };
      expect([
        cron,
        states({ plan: abroad, runs: [first] })
          .slice(3, -1)
          .every((state) => state === 'missed'),
      ]).toEqual([cron, true]);
    }
  });

  test('count what Redis forgot from the backups that are there, and nothing twice', () => {
    const [kept, known] = [
      good({ id: 'a'.repeat(26), startedAt: at(2) }),
      good({ id: 'b'.repeat(26), startedAt: at(1) }),
    ];
    const runs = [{ ...done(1, 'succeeded'), result: { id: known.id } }];
    const days = daysOf({ plan: plan(), now: NOW, runs, backups: [kept, known] });
    expect(days.slice(-3, -1)).toMatchObject([
      { good: 1, bytes: 1000, state: 'good' },
      { good: 1, bytes: 1000, state: 'good' },
    ]);
  });
});

test('a family is the full, and all that borrow from it, parents first', () => {
  const one = (id: string, base: string | null, committedAt: number): Backup => good({ id, base, committedAt });
  const all = [
    one('d', 'b', 4),
    one('c', 'a', 3),
    one('b', 'a', 2),
    one('a', null, 1),
    one('x', null, 5),
    one('y', 'gone', 6),
  ];
  const family = (id: string): string[] =>
    familyOf(all.find((each) => each.id === id) ?? good(), all).map((each) => each.id);
  expect(family('d')).toEqual(['a', 'b', 'c', 'd']);
  expect(family('a')).toEqual(['a', 'b', 'c', 'd']);
  expect(family('x')).toEqual(['x']);
  expect(family('y')).toEqual(['y']);
});

test('the route answers by its schema, and a repository that cannot be read hides nothing else', async () => {
  await withApp(bench().parts, async (app) => {
    const answer = await app.inject({ url: '/api/v1/overview', headers: LOCAL });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      level: 'bad',
      workers: 1,
      plans: [{ plan: 'daily' }],
      storage: [{ error: { code: 'SOURCE_UNREACHABLE' } }],
    });
  });
});
