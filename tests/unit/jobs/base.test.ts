import type { Backup } from '@milvault/shared';
import { describe, expect, test } from 'vitest';
import { chooseBase, type BaseRequest } from '../../../packages/jobs/src/base.ts';
import { backup as full } from '../cli/samples.ts';

const DAY = 24 * 60 * 60 * 1000;
const START = full.committedAt;

/** A full at day 0 and one incremental a day on the one before it, none of them doubted. */
function chain(incrementals: number): Backup[] {
  const links: Backup[] = [{ ...full, proofs: [] }];
  for (let day = 1; day <= incrementals; day++) {
    const base = links.at(-1)?.id ?? null;
    links.push({
      ...full,
      id: `${full.id.slice(0, -2)}${day + 10}`,
      type: 'incremental',
      base,
      committedAt: START + day * DAY,
      proofs: [],
    });
  }
  return links;
}

const request = (extra: Partial<BaseRequest> = {}): BaseRequest => ({
  sourceId: full.source.id,
  engine: 'rows',
  collections: ['*'],
  from: 'last',
  chain: { links: 14, days: 30 },
  now: START + DAY,
  leaving: new Set(),
  ...extra,
});
const chosen = (backups: readonly Backup[], extra: Partial<BaseRequest> = {}) => {
  const { base, whyFull } = chooseBase(backups, request(extra));
  return base?.id ?? whyFull;
};
const damaged = (one: Backup): Backup => ({ ...one, proofs: [{ level: 2, result: 'damaged', at: START }] });
const holding = (one: Backup, ...names: string[]): Backup => ({
  ...one,
  collections: names.map((collection) => ({ database: 'default', collection, rows: 1, bytes: 1 })),
});

describe('the base of an incremental', () => {
  test('is the newest usable backup, or the newest usable full where a plan says so', () => {
    const links = chain(3);
    expect(chosen(links)).toBe(links[3]?.id);
    expect(chosen(links.toReversed())).toBe(links[3]?.id);
    expect(chosen(links, { from: 'full' })).toBe(full.id);
  });

  test('is never one that a check found damaged', () => {
    const [first, second, third] = chain(2) as [Backup, Backup, Backup];
    expect(chosen([first, second, damaged(third)])).toBe(second.id);
    expect(chosen([first, second, third].map(damaged))).toBe('a check found every backup of these collections damaged');
    expect(chosen([damaged(first), second], { from: 'full' })).toBe('there is no full backup of these collections');
  });

  test('is never one that somebody began to delete', () => {
    const [first, second] = chain(1) as [Backup, Backup];
    expect(chosen([first, second], { leaving: new Set([second.id]) })).toBe(first.id);
    expect(chosen([first, second], { leaving: new Set([first.id, second.id]) })).toBe(
      'every backup of these collections is being deleted',
    );
  });

  test('is of the same Milvus and holds the collections that are asked for', () => {
    const other = { ...full, source: { ...full.source, id: '01kapjm4sv3m9w0c6q4y7x2z1z' } };
    expect(chosen([])).toBe('there is no backup of this source by this engine yet');
    expect(chosen([other])).toBe('there is no backup of this source by this engine yet');
    expect(chosen([full], { collections: ['books'] })).toBe('no backup holds these collections');
    expect(chosen([full], { collections: ['orders'] })).toBe('no backup holds these collections');
    expect(chosen([full], { collections: ['sales.*'] })).toBe(full.id);
  });

  test('is the one that holds the most of them, although a newer one holds some', () => {
    const [first, second] = chain(1) as [Backup, Backup];
    const backups = [holding(first, 'a', 'b'), holding(second, 'a')];
    expect(chosen(backups, { collections: ['a', 'b'] })).toBe(first.id);
    expect(chosen(backups, { collections: ['a'] })).toBe(second.id);
  });

  test('is refused after fourteen incrementals, counted from the full of the chain', () => {
    expect(chosen(chain(13))).toBe(chain(13).at(-1)?.id);
    expect(chosen(chain(14))).toBe('the chain has 14 incrementals, and 14 are allowed');
    expect(chosen(chain(14), { from: 'full' })).toBe(full.id);
    expect(chosen(chain(14), { chain: { links: 15, days: 30 } })).toBe(chain(14).at(-1)?.id);
  });

  test('is refused when the full of the chain is older than thirty days', () => {
    expect(chosen(chain(2), { now: START + 30 * DAY })).toBe(chain(2).at(-1)?.id);
    expect(chosen(chain(2), { now: START + 30 * DAY + 1 })).toBe('the chain began 30 days ago, and 30 are allowed');
    expect(chosen(chain(2), { now: START + 31 * DAY, from: 'full' })).toMatch(/31 days ago/);
  });

  test('stands where older links of its chain were deleted', () => {
    expect(chosen(chain(5).slice(3))).toBe(chain(5).at(-1)?.id);
  });
});
