import { describe, expect, it } from 'vitest';
import { fail, type Backup, type Plan } from '@milvault/shared';
import { ageFinding, reachedFinding, spaceFinding, workersFinding } from '../../../packages/jobs/src/findings.ts';

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
    expect(ageFinding(plan, at(now - age), now)).toMatchObject({ ok, check: 'backup-age', subject: 'nightly' });
  });
  it('no good backup at all is never fine', () => {
    expect(ageFinding(plan, null, now)).toMatchObject({ ok: false, title: 'plan nightly has no good backup' });
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
