import { describe, expect, it } from 'vitest';
import { fail, toErrorRecord, type Backup, type Plan } from '@milvault/shared';
import {
  ageFinding,
  overdueFinding,
  redisFinding,
  reachedFinding,
  spaceFinding,
  workersFinding,
} from '../../../packages/jobs/src/findings.ts';

const HOUR = 3_600_000;
// Only these fields are looked at.
const plan = { name: 'nightly', maxAgeHours: 24 } as Plan;
const at = (committedAt: number) => ({ name: 'full_x', committedAt }) as Backup;
const now = 1_000 * HOUR;

describe('findings', () => {
  it.each([
    [24 * HOUR, true],
    [24 * HOUR + 1, false],
    [0, true],
  ])('a newest good backup of %i ms is fresh: %s', (age, ok) => {
    expect(ageFinding(plan, at(now - age), now, 0)).toMatchObject({ ok, check: 'backup-age', subject: 'nightly' });
  });
  it.each([
    [25, false],
    [24, true],
    [0, true],
  ])('no good backup at all, %i h after the plan was first seen, is fine: %s', (hours, ok) => {
    const title = 'plan nightly has no good backup';
    expect(ageFinding(plan, null, now, now - hours * HOUR)).toMatchObject({ ok, title });
  });
  it.each([
    [-HOUR, true],
    [5 * 60_000, true],
    [5 * 60_000 + 1, false],
  ])('a schedule that is %i ms late is in time: %s', (late, ok) => {
    expect(overdueFinding({ id: 'plan_nightly_full', due: now - late }, now)).toMatchObject({ ok, check: 'overdue' });
  });
  it('a Redis that cannot be trusted is told with what to set', () => {
    const finding = redisFinding(toErrorRecord(fail('REDIS_EVICTS')));
    expect(finding).toMatchObject({ ok: false, facts: [{ value: 'REDIS_EVICTS' }, {}] });
    expect(finding.next).toContain('noeviction');
    expect(redisFinding(null).ok).toBe(true);
  });
  it.each([
    [1_000, 100, true],
    [1_000, 99, false],
    [0, 0, true],
  ])('of %i bytes %i free are enough: %s', (total, free, ok) => {
    expect(spaceFinding('repo', { total, free }).ok).toBe(ok);
  });
  it('an unreachable source is told with its code and what to do', () => {
    const finding = reachedFinding('source', 'src', fail('SOURCE_UNREACHABLE'));
    expect(finding).toMatchObject({ ok: false, facts: [{ value: 'SOURCE_UNREACHABLE' }, {}] });
    expect(finding.next).not.toBe('');
    expect(reachedFinding('source', 'src', null).ok).toBe(true);
  });
  it('no worker and a paused queue are told, and which', () => {
    expect(workersFinding({ workers: 0, waiting: 3, paused: [] })).toMatchObject({ ok: false });
    const paused = workersFinding({ workers: 2, waiting: 0, paused: ['runs'] });
    expect(paused.ok).toBe(false);
    expect(paused.title).toContain('runs');
    expect(workersFinding({ workers: 1, waiting: 9, paused: [] }).ok).toBe(true);
  });
});
