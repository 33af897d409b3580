import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sourceIdOf, type Backup } from '@milvault/shared';
import { selectBackups, type BackupQuery } from '../../../apps/api/src/views/select-backups.ts';
import { isGood, newestGood } from '../../../apps/api/src/views/good.ts';
import { backup, config } from './parts.ts';

const some = fc
  .uniqueArray(fc.record({ number: fc.nat(9999), rows: fc.nat(3), at: fc.nat(5), full: fc.boolean() }), {
    selector: ({ number }) => number,
    maxLength: 40,
  })
  .map((list) =>
    list.map(({ number, rows, at, full }) =>
      backup({
        id: `01kaq8h5v0000000000000${String(number).padStart(4, '0')}`,
        rows,
        committedAt: at,
        type: full ? 'full' : 'incremental',
      }),
    ),
  );
const sort = fc.constantFrom<BackupQuery['sort']>(
  undefined,
  'rows',
  '-rows',
  'committedAt',
  '-committedAt',
  'name',
  '-bytes',
);
const select = (list: readonly Backup[], query: BackupQuery) => selectBackups(list, query, config());

test('pages laid side by side are the whole list: none twice, none missing', () => {
  fc.assert(
    fc.property(some, sort, fc.integer({ min: 1, max: 7 }), (list, order, limit) => {
      const query = order === undefined ? {} : { sort: order };
      const whole = select(list, { ...query, limit: 1000 }).backups;
      const pages: Backup[] = [];
      for (let offset = 0; offset < list.length; offset += limit) {
        const page = select(list, { ...query, limit, offset });
        expect(page.total).toBe(list.length);
        pages.push(...page.backups);
      }
      expect(pages).toEqual(whole);
      expect(new Set(whole)).toEqual(new Set(list));
    }),
  );
});

test('an order with - is the other one turned around', () => {
  fc.assert(
    fc.property(some, (list) => {
      const up = select(list, { sort: 'rows', limit: 1000 }).backups;
      expect(select(list, { sort: '-rows', limit: 1000 }).backups).toEqual([...up].reverse());
      for (let i = 1; i < up.length; i++) expect(up[i - 1]?.rows).toBeLessThanOrEqual(up[i]?.rows ?? -1);
    }),
  );
});

test('each filter keeps what fits and drops the rest', () => {
  const films = backup({
    id: 'a',
    committedAt: 100,
    source: { id: sourceIdOf('127.0.0.1:19530'), address: '127.0.0.1:19530', serverVersion: '' },
  });
  const books = backup({
    id: 'b',
    name: 'incr_20270101_000000',
    type: 'incremental',
    committedAt: 200,
    collections: [{ database: 'library', collection: 'books', rows: 1, bytes: 1 }],
  });
  const ids = (query: BackupQuery) => select([films, books], query).backups.map(({ id }) => id);
  expect(ids({})).toEqual(['b', 'a']);
  expect(ids({ type: 'full' })).toEqual(['a']);
  expect(ids({ since: 200 })).toEqual(['b']);
  expect(ids({ until: 200 })).toEqual(['a']);
  expect(ids({ collection: 'films' })).toEqual(['a']);
  expect(ids({ collection: 'library.books' })).toEqual(['b']);
  expect(ids({ collection: 'default.books' })).toEqual([]);
  expect(ids({ search: 'INCR_2027' })).toEqual(['b']);
  expect(ids({ source: 'shop' })).toEqual(['a']);
  expect(ids({ source: 'http://127.0.0.1:19530/' })).toEqual(['a']);
  expect(ids({ source: '00000000000000000000000000' })).toEqual(['b']);
});

test('a backup is good when a check found it well and none found it damaged', () => {
  const proved = (...results: Backup['proofs'][number]['result'][]) =>
    backup({ proofs: results.map((result) => ({ level: 2, result, at: 1 })) });
  expect(isGood(proved())).toBe(false);
  expect(isGood(proved('unknown'))).toBe(false);
  expect(isGood(proved('ok'))).toBe(true);
  expect(isGood(proved('ok', 'unknown'))).toBe(true);
  expect(isGood(proved('ok', 'damaged'))).toBe(false);
  const older = backup({ id: 'old', committedAt: 1 });
  expect(newestGood([older, backup({ id: 'bad', committedAt: 2, proofs: [] })])?.id).toBe('old');
  expect(newestGood([])).toBeNull();
});
