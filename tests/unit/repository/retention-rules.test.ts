import { decideRetention, type Candidate, type RetentionRule } from '@milvault/repository';
import type { Proof, RetentionPolicy } from '@milvault/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slowlyKept } from '../../support/slow-retention.ts';

const HOUR = 3_600_000;
const SOURCE = 'a'.repeat(26);
const SEED = Math.floor(Math.random() * 2 ** 31);
const HISTORIES = 100_000;

interface Wanted extends Partial<Omit<Candidate['backup'], 'id'>> {
  readonly at: number;
}

/** The first backup has the smallest id, so backups are given oldest first. */
const history = (wanted: readonly Wanted[], refs: readonly (readonly number[])[] = []): Candidate[] => {
  const idOf = (place: number) => `b${String(place).padStart(25, '0')}`;
  return wanted.map(({ at, ...more }, place) => ({
    backup: {
      id: idOf(place),
      name: `backup_${place}`,
      type: 'full',
      plan: 'nightly',
      source: { id: SOURCE, address: 'milvus:19530', serverVersion: '2.3.5' },
      startedAt: at,
      committedAt: at,
      rows: 10,
      proofs: [],
      collections: [{ database: 'default', collection: 'films' }],
      ...more,
    },
    refs: (refs[place] ?? []).map(idOf),
  }));
};

const rule = (policy: RetentionPolicy, timeZone = 'UTC'): RetentionRule[] => [
  { sourceId: SOURCE, plan: 'nightly', policy, timeZone },
];

/** Each backup's time with why it stays; those that go are left out. */
function kept(times: readonly string[], policy: RetentionPolicy, timeZone = 'UTC'): string[] {
  const sorted = [...times].sort((a, b) => Date.parse(a) - Date.parse(b));
  const all = history(sorted.map((time) => ({ at: Date.parse(time) })));
  const now = Date.parse(sorted.at(-1) ?? '') + HOUR;
  return decideRetention(all, rule(policy, timeZone), { now, force: true }).decisions.flatMap((one, place) =>
    one.keep ? [`${sorted[place] ?? ''}: ${one.reason}`] : [],
  );
}

describe('the rules of retention', () => {
  it('keep so many of the newest', () => {
    const times = ['2026-01-01T00:00Z', '2026-01-02T00:00Z', '2026-01-03T00:00Z', '2026-01-04T00:00Z'];
    expect(kept(times, { last: 2 })).toEqual([
      '2026-01-03T00:00Z: last 2',
      '2026-01-04T00:00Z: the newest good backup, last 1',
    ]);
  });

  it('keep the newest of each day, week and month, with every reason', () => {
    const times = [
      '2025-12-28T10:00Z',
      '2025-12-31T10:00Z',
      '2026-01-01T09:00Z',
      '2026-01-01T10:00Z',
      '2026-01-05T10:00Z',
      '2026-01-06T10:00Z',
    ];
    expect(kept(times, { daily: 2, weekly: 2, monthly: 2, yearly: 2 })).toEqual([
      '2025-12-31T10:00Z: monthly 2, yearly 2',
      '2026-01-01T10:00Z: weekly 2',
      '2026-01-05T10:00Z: daily 2',
      '2026-01-06T10:00Z: the newest good backup, daily 1, weekly 1, monthly 1, yearly 1',
    ]);
  });

  it('count days as the time zone of the plan has them', () => {
    const times = ['2026-06-01T21:00Z', '2026-06-01T22:30Z', '2026-06-02T21:00Z'];
    expect(kept(times, { daily: 2 })).toHaveLength(2);
    expect(kept(times, { daily: 2 }, 'Europe/Berlin')).toEqual([
      '2026-06-01T21:00Z: daily 2',
      '2026-06-02T21:00Z: the newest good backup, daily 1',
    ]);
  });

  it('tell the two hours apart that the end of summer time gives one name', () => {
    const times = ['2026-10-25T00:30Z', '2026-10-25T01:30Z', '2026-10-25T02:30Z'];
    expect(kept(times, { hourly: 3 }, 'Europe/Berlin')).toHaveLength(3);
  });

  it('keep the oldest as long as there is room for more of a kind', () => {
    const times = ['2026-01-01T00:00Z', '2026-01-10T00:00Z', '2026-01-20T00:00Z'];
    expect(kept(times, { monthly: 3 })).toEqual([
      '2026-01-01T00:00Z: the oldest, for monthly',
      '2026-01-20T00:00Z: the newest good backup, monthly 1',
    ]);
  });

  it('reckon a span of hours from the newest good backup, not from now', () => {
    const times = ['2026-01-01T00:00Z', '2026-01-01T13:00Z', '2026-01-02T00:00Z'];
    expect(kept(times, { withinHours: 12 })).toHaveLength(2);
  });

  it('keep all where there are none, and where only the least is said', () => {
    const times = ['2020-01-01T00:00Z', '2026-01-01T00:00Z'];
    expect(kept(times, {})).toHaveLength(2);
    expect(kept(times, { minGood: 1 })).toHaveLength(2);
  });

  it('never take a backup on hold, and say whose word that is', () => {
    const all = history([{ at: 0, hold: { at: 1, reason: 'audit' } }, { at: 100 * HOUR }]);
    const { decisions } = decideRetention(all, rule({ last: 1 }), { now: 101 * HOUR, force: true });
    expect(decisions[0]).toMatchObject({ keep: true, reason: 'on hold: audit' });
  });

  it('keep the rows that a source lost, until it has as many again', () => {
    const all = history([{ at: 0, rows: 1000 }, { at: HOUR, rows: 900 }, { at: 2 * HOUR, rows: 10 }, { at: 3 * HOUR }]);
    const { decisions } = decideRetention(all, rule({ last: 1 }), { now: 4 * HOUR, force: true });
    expect(decisions.map((one) => one.keep)).toEqual([false, true, false, true]);
  });
});

describe('the guard', () => {
  const old = history([0, 1, 2, 3, 4].map((at) => ({ at: at * HOUR })));

  it('stops a run that would take more than half of the backups of a plan, and says so', () => {
    const { decisions, guarded } = decideRetention(old, rule({ last: 1 }), { now: 5 * HOUR, force: false });
    expect(guarded).toEqual([{ sourceId: SOURCE, plan: 'nightly', wouldGo: 4, of: 5 }]);
    expect(decisions.every((one) => one.keep)).toBe(true);
    expect(decisions[0]?.reason).toContain('4 of 5 would go at once');
  });

  it('lets a person say that it is right', () => {
    const { decisions, guarded } = decideRetention(old, rule({ last: 1 }), { now: 5 * HOUR, force: true });
    expect(guarded).toEqual([]);
    expect(decisions.filter((one) => one.keep)).toHaveLength(1);
  });

  it('does not stop what takes half or fewer, nor a plan of three backups', () => {
    expect(decideRetention(old, rule({ last: 3 }), { now: 5 * HOUR, force: false }).guarded).toEqual([]);
    expect(decideRetention(old.slice(2), rule({ last: 1 }), { now: 5 * HOUR, force: false }).guarded).toEqual([]);
  });
});

const quota = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined, freq: 2 });
const anyPolicy = fc
  .record({
    days: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined, freq: 1 }),
    last: quota,
    hourly: quota,
    daily: quota,
    weekly: quota,
    monthly: quota,
    yearly: quota,
    withinHours: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined, freq: 1 }),
    minGood: quota,
  })
  // What is undefined is not there, as in a file.
  .map((policy) => JSON.parse(JSON.stringify(policy)) as RetentionPolicy);

const anyBackup = fc.record({
  // Steps from minutes to months, so that hours and years are both met.
  step: fc.oneof(
    fc.integer({ min: 0, max: 90 }),
    fc.integer({ min: 0, max: 3000 }),
    fc.integer({ max: 90_000, min: 0 }),
  ),
  tookMinutes: fc.constantFrom(0, 3, 200),
  rows: fc.constantFrom(0, 1, 10, 100),
  type: fc.constantFrom('full' as const, 'incremental' as const),
  proof: fc.constantFrom<readonly Proof[]>(
    [],
    [],
    [],
    [{ level: 2, result: 'damaged', at: 1 }],
    [
      { level: 2, result: 'damaged', at: 1 },
      { level: 3, result: 'ok', at: 2 },
    ],
  ),
  held: fc.constantFrom(false, false, false, false, true),
  other: fc.constantFrom(false, false, true),
  borrows: fc.option(fc.nat({ max: 9 }), { freq: 1 }),
});

const anyZone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe');
// Around a change of clocks of the zones above, and around a turn of the year.
const anyStart = fc.constantFrom('2025-03-09', '2025-03-29', '2025-10-24', '2025-11-01', '2025-12-28', '2024-12-29');

describe('retention of any history', () => {
  it(`is what its documentation says, on ${HISTORIES} histories (seed ${SEED})`, { timeout: 300_000 }, () => {
    const histories = fc.tuple(
      fc.array(anyBackup, { maxLength: 10 }),
      anyPolicy,
      anyZone,
      anyStart,
      fc.nat({ max: 50_000 }),
    );
    fc.assert(
      fc.property(histories, ([backups, policy, zone, start, idleMinutes]) => {
        let at = Date.parse(`${start}T00:00:00Z`);
        const given = backups.map(({ step, tookMinutes, rows, type, proof, held, other }) => {
          at += step * 60_000;
          const collections = [{ database: 'default', collection: other ? 'books' : 'films' }];
          const common = { at, startedAt: at - tookMinutes * 60_000, rows, type, proofs: [...proof], collections };
          return held ? { ...common, hold: { at, reason: null } } : common;
        });
        const refs = backups.map(({ borrows }, place) => (borrows === null || borrows >= place ? [] : [borrows]));
        const all = history(given, refs);
        // Now and then the clock stands before the last backups.
        const now = at + (idleMinutes - 2_000) * 60_000;
        const { decisions } = decideRetention(all, rule(policy, zone), { now, force: true });
        const stays = new Set(decisions.flatMap((one) => (one.keep ? [one.id] : [])));
        const again = decideRetention(
          all.filter((one) => stays.has(one.backup.id)),
          rule(policy, zone),
          { now, force: true },
        );
        // `expect` a million times would take longer than all that is tested.
        const wanted = slowlyKept(all, policy, zone, now);
        if (stays.size !== wanted.size || [...stays].some((id) => !wanted.has(id))) expect(stays).toEqual(wanted);
        if (again.decisions.some((one) => !one.keep)) expect(again.decisions).toBe('all kept');
      }),
      { numRuns: HISTORIES, seed: SEED },
    );
  });
});
