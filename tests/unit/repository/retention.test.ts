import type { Backup, Proof } from '@milvault/shared';
import { decideRetention, isGood, type Candidate, type RetentionRule } from '@milvault/repository';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY } from '../../support/repository.ts';

const NOW = Date.UTC(2026, 5, 1);
const SOURCE = 'a'.repeat(26);
const RULE: RetentionRule = { sourceId: SOURCE, plan: 'nightly', policy: { days: 7 }, timeZone: 'UTC' };
const proof = (level: number, result: Proof['result'], at = NOW): Proof => ({ level, result, at });

let made = 0;
function candidate(ageDays: number, more: Partial<Candidate['backup']> = {}, refs: string[] = []): Candidate {
  made += 1;
  const committedAt = NOW - ageDays * DAY;
  const id = `b${String(made).padStart(25, '0')}`;
  const source: Backup['source'] = { id: SOURCE, address: 'milvus:19530', serverVersion: '2.3.5' };
  const backup = {
    id,
    name: `full_${made}`,
    type: 'full' as const,
    collections: [{ database: 'default', collection: 'films' }],
    plan: 'nightly',
    source,
    startedAt: committedAt,
    committedAt,
    rows: 10,
    proofs: [],
  };
  return { backup: { ...backup, ...more }, refs };
}

const deleted = (candidates: Candidate[], rules: RetentionRule[] = [RULE], now = NOW): string[] =>
  decideRetention(candidates, rules, { now, force: true }).decisions.flatMap((one) => (one.keep ? [] : [one.id]));
const reasonFor = (one: Candidate, all: Candidate[], rules = [RULE]): string =>
  decideRetention(all, rules, { now: NOW, force: true }).decisions.find((decision) => decision.id === one.backup.id)!
    .reason;

describe('retention by days', () => {
  it('deletes what is older than the days, and nothing that is just as old', () => {
    const all = [candidate(0), candidate(6.9), candidate(7), candidate(7.001), candidate(30)];
    expect(deleted(all)).toEqual([all[3]!.backup.id, all[4]!.backup.id]);
  });

  it('keeps the newest good backup, however old', () => {
    const all = [candidate(400), candidate(300)];
    expect(deleted(all)).toEqual([all[0]!.backup.id]);
    expect(reasonFor(all[1]!, all)).toBe('the newest good backup');
  });

  it('does not count a damaged backup as good', () => {
    const good = candidate(20);
    const bad = candidate(10, { proofs: [proof(2, 'damaged')] });
    expect(deleted([good, bad])).toEqual([]);
    expect(reasonFor(bad, [good, bad])).toBe('there is no newer good backup');
    expect(
      deleted([candidate(10, { proofs: [proof(2, 'damaged')] }), candidate(20, { proofs: [proof(1, 'damaged')] })]),
    ).toEqual([]);
  });

  it('keeps the newest backup with rows behind empty ones', () => {
    const full = candidate(20);
    const all = [candidate(0, { rows: 0 }), candidate(9, { rows: 0 }), full, candidate(30)];
    expect(deleted(all)).toEqual([all[1]!.backup.id, all[3]!.backup.id]);
    expect(reasonFor(full, all)).toBe('the newest good backup that has rows');
  });

  it('never takes what a staying backup borrows from, down the chain', () => {
    const root = candidate(30);
    const middle = candidate(20, {}, [root.backup.id]);
    const tip = candidate(1, {}, [middle.backup.id]);
    expect(deleted([root, middle, tip])).toEqual([]);
    expect(reasonFor(root, [root, middle, tip])).toContain(middle.backup.name);
  });

  it('judges each plan and each source alone, and nothing without a rule', () => {
    const byHand = candidate(90, { plan: null });
    const olderByHand = candidate(99, { plan: null });
    const elsewhere = candidate(90, { source: { id: 'b'.repeat(26), address: 'x:1', serverVersion: '' } });
    const all = [candidate(1), candidate(50), byHand, olderByHand, elsewhere];
    expect(deleted(all)).toEqual([all[1]!.backup.id]);
    expect(deleted(all, [RULE, { ...RULE, plan: null }])).toEqual([all[1]!.backup.id, olderByHand.backup.id]);
  });

  it('does not believe a time in the future, nor lets it push others out', () => {
    const future = candidate(-2);
    const old = candidate(30);
    expect(deleted([future, old])).toEqual([]);
    expect(reasonFor(future, [future, old])).toContain('time');
  });

  it('says a reason for every backup', () => {
    const all = [candidate(0), candidate(10), candidate(20, { plan: 'other' })];
    const { decisions } = decideRetention(all, [RULE], { now: NOW, force: false });
    expect(decisions.map((one) => one.reason.length > 0)).toEqual([true, true, true]);
  });

  it('keeps its promises over any history', () => {
    const anyCandidate = fc.record({
      age: fc.integer({ min: -3, max: 40 }),
      rows: fc.constantFrom(0, 10),
      bad: fc.boolean(),
      plan: fc.constantFrom('nightly', 'weekly', null),
      borrows: fc.option(fc.nat()),
    });
    fc.assert(
      fc.property(fc.array(anyCandidate, { maxLength: 20 }), fc.integer({ min: 1, max: 30 }), (history, days) => {
        const all: Candidate[] = [];
        for (const { age, rows, bad, plan, borrows } of [...history].sort((a, b) => b.age - a.age)) {
          const base = borrows === null ? undefined : all[borrows % Math.max(1, all.length)];
          all.push(
            candidate(
              age,
              { rows, plan, proofs: bad ? [proof(2, 'damaged')] : [] },
              base === undefined ? [] : [base.backup.id],
            ),
          );
        }
        const rules = [
          { ...RULE, policy: { days } },
          { ...RULE, plan: null, policy: { days: days * 2 } },
        ];
        const gone = new Set(deleted(all, rules));
        const stays = all.filter((one) => !gone.has(one.backup.id));
        for (const one of stays) for (const ref of one.refs) expect(gone.has(ref)).toBe(false);
        for (const plan of ['nightly', 'weekly', null]) {
          const honest = (one: Candidate) => one.backup.plan === plan && one.backup.committedAt <= NOW;
          const good = (one: Candidate) => honest(one) && isGood(one.backup.proofs);
          if (all.some(good)) expect(stays.some(good)).toBe(true);
          if (all.some((one) => good(one) && one.backup.rows > 0)) {
            expect(stays.some((one) => good(one) && one.backup.rows > 0)).toBe(true);
          }
        }
        for (const one of all) {
          if (!gone.has(one.backup.id)) continue;
          expect(one.backup.plan).not.toBe('weekly');
          expect(NOW - one.backup.committedAt).toBeGreaterThan(days * DAY);
          expect(stays.some((other) => other.backup.plan === one.backup.plan && isGood(other.backup.proofs))).toBe(
            true,
          );
        }
        expect(deleted(stays, rules)).toEqual([]);
        expect(deleted([...all].reverse(), rules).sort()).toEqual([...gone].sort());
      }),
    );
  });
});

describe('a good backup', () => {
  it('has no damage that a later check, as deep, did not take back', () => {
    expect(isGood([])).toBe(true);
    expect(isGood([proof(0, 'ok'), proof(2, 'unknown')])).toBe(true);
    expect(isGood([proof(2, 'damaged', 1), proof(1, 'ok', 2)])).toBe(false);
    expect(isGood([proof(2, 'damaged', 1), proof(3, 'ok', 2)])).toBe(true);
    expect(isGood([proof(2, 'damaged', 3), proof(3, 'ok', 2)])).toBe(false);
  });
});
