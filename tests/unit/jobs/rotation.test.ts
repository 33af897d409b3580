import type { Backup, Proof } from '@milvault/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inTurn, provedAt } from '../../../packages/jobs/src/rotation.ts';
import { backup as sample } from '../cli/samples.ts';

const HOUR = 3_600_000;
const stored = (id: number, committedAt: number, proofs: Proof[] = []): Backup => ({
  ...sample,
  id: String(id).padStart(26, '0'),
  committedAt,
  proofs,
});

/** What happens between two firings of a schedule: backups come, some go, and some checks come to no end. */
const between = fc.record({ come: fc.nat(3), go: fc.array(fc.nat(40), { maxLength: 4 }), unknown: fc.nat(5) });

describe('checks in turn', () => {
  it('prove each backup in any so many firings in a row that it lives through, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(between, { maxLength: 40 }), (runs, story) => {
        let backups: Backup[] = [];
        let ids = 0;
        const aliveSince = new Map<string, number>();
        const lastTurn = new Map<string, number>();
        story.forEach(({ come, go, unknown }, firing) => {
          const slot = (firing + 1) * HOUR;
          for (let i = 0; i < come; i++) backups.push(stored(ids++, slot - HOUR / 2 + i));
          backups = backups.filter((_, place) => !go.includes(place));
          const since = (firing + 1 - (runs - 1)) * HOUR;
          const chosen = new Set(inTurn(backups, { level: 3, runs, slot, since }).map(({ id }) => id));
          backups = backups.map((one, place) => {
            if (!aliveSince.has(one.id)) aliveSince.set(one.id, firing);
            if (!chosen.has(one.id)) return one;
            lastTurn.set(one.id, firing);
            const result = place === unknown ? 'unknown' : 'ok';
            return { ...one, proofs: [{ level: 3, result, at: slot + 1 }] };
          });
          for (const { id } of backups) {
            const from = Math.max(aliveSince.get(id) ?? 0, (lastTurn.get(id) ?? -1) + 1);
            expect(firing - from + 1).toBeLessThan(runs + 1);
          }
        });
      }),
      { numRuns: 2_000 },
    );
  });

  it('take no more than their share where nothing was missed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 60 }), (runs, count) => {
        let backups = Array.from({ length: count }, (_, id) => stored(id, id));
        for (let firing = 1; firing <= runs * 3; firing++) {
          const slot = firing * HOUR;
          const chosen = inTurn(backups, { level: 3, runs, slot, since: slot - (runs - 1) * HOUR });
          // In the first round nothing was checked yet, so that what waits is more than a share.
          if (firing > runs) expect(chosen.length).toBeLessThanOrEqual(Math.ceil(count / runs));
          const ids = new Set(chosen.map(({ id }) => id));
          backups = backups.map((one) =>
            ids.has(one.id) ? { ...one, proofs: [{ level: 3, result: 'ok', at: slot + 1 }] } : one,
          );
        }
      }),
    );
  });

  it('are the same for one slot while its checks go on', () => {
    const turn = { level: 3, runs: 2, slot: HOUR, since: 0 } as const;
    const four = [0, 1, 2, 3].map((id) => stored(id, id + 1));
    const first = inTurn(four, turn);
    expect(first.map(({ id }) => Number(id))).toEqual([0, 1]);
    const half = four.map((one) => (one.id === first[0]?.id ? stored(0, 1, [proof(3, HOUR + 5)]) : one));
    expect(inTurn(half, turn).map(({ id }) => Number(id))).toEqual([1]);
  });

  it('count a deeper proof, and neither a weaker one nor one without an end', () => {
    expect(provedAt({ proofs: [proof(2, 9), proof(4, 5)] }, 3)).toBe(5);
    expect(provedAt({ proofs: [{ ...proof(3, 7), result: 'unknown' }] }, 3)).toBeNull();
    expect(provedAt({ proofs: [{ ...proof(3, 7), result: 'damaged' }] }, 3)).toBe(7);
  });
});

const proof = (level: number, at: number): Proof => ({ level, result: 'ok', at });
