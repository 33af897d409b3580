import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERRORS, fail, Stopped, toErrorRecord, type ErrorCode } from '@milvault/shared';
import { backoffMs, mayRetry, needsNewPlan, partFailure, recordOf } from '../../../packages/jobs/src/policy.ts';

const CODES = Object.keys(ERRORS) as ErrorCode[];

describe('what is tried again', () => {
  it.each(CODES)('%s is tried again exactly where the table says so', (code) => {
    expect(mayRetry(fail(code))).toBe(ERRORS[code].retryable);
  });
  it('a fault of the program is not', () => {
    expect(mayRetry(new TypeError('undefined is not a function'))).toBe(false);
    expect(needsNewPlan(new Error('COLLECTION_CHANGED'))).toBe(false);
  });
  it('a source that changed needs a new plan, a full disk does not', () => {
    expect(needsNewPlan(fail('COLLECTION_CHANGED'))).toBe(true);
    expect(needsNewPlan(fail('REPO_FULL'))).toBe(false);
  });
  it('waits double, and chance takes away at most half', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.double({ min: 0, max: 1, noNaN: true }), (tries, chance) => {
        const most = 100 * 2 ** (tries - 1);
        const wait = backoffMs(100, tries, chance);
        expect(wait).toBeLessThanOrEqual(most);
        expect(wait).toBeGreaterThanOrEqual(most / 2);
      }),
    );
  });
});

describe('how an end is told', () => {
  it('of a stop, as what it was', () => {
    expect(recordOf(new Stopped('cancelled'), 60_000).code).toBe('RUN_CANCELLED');
    const late = recordOf(new Stopped('timed-out'), 60_000);
    expect(late).toMatchObject({ code: 'RUN_TIMED_OUT', retryable: false });
    expect(late.message).toContain('within 1 min');
  });
  it('of parts, by the first error and the numbers of all', () => {
    const error = toErrorRecord(fail('REPO_FULL', { details: { key: 'x' } }));
    const told = partFailure([
      { number: 3, error },
      { number: 5, error },
    ]);
    expect(told).toMatchObject({ code: 'REPO_FULL', details: { key: 'x', parts: [3, 5] } });
    expect(told.message).toMatch(/^Part 3 and 1 more failed: /);
  });
});
