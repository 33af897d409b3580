import fc from 'fast-check';
import { expect, test } from 'vitest';
import { selectCollections } from '../../../packages/engines/src/rows/select.ts';
import { isStagingName, parseNewName, stagingName } from '../../../packages/engines/src/rows/names.ts';

const catalogue = new Map([
  ['default', ['films', 'a.b', 'odd name "quoted"', 'films__milvault_0123456789ab']],
  ['a', ['b', 'c']],
  ['empty', []],
  ['dotted.db', ['x.y']],
]);
const select = (...patterns: string[]): string[] =>
  selectCollections(patterns, catalogue).names.map((name) => `${name.database}/${name.collection}`);
const code = (work: () => unknown): unknown => {
  try {
    work();
    return 'nothing was thrown';
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

test('a name means the collection of the database default', () => {
  expect(select('films')).toEqual(['default/films']);
  expect(select('odd name "quoted"')).toEqual(['default/odd name "quoted"']);
});

test('a name with a dot means every collection that it may mean', () => {
  expect(select('a.c')).toEqual(['a/c']);
  expect(select('a.b')).toEqual(['default/a.b', 'a/b']);
  expect(select('default.a.b')).toEqual(['default/a.b']);
  expect(select('dotted.db.x.y')).toEqual(['dotted.db/x.y']);
});

test('a star means all, and database.* all of one database', () => {
  expect(select('a.*')).toEqual(['a/b', 'a/c']);
  expect(select('dotted.db.*')).toEqual(['dotted.db/x.y']);
  expect(select('*')).toHaveLength(6);
  expect(select()).toEqual(select('*'));
});

test('a collection is taken once, however often it is named', () => {
  expect(select('films', '*', 'default.films').filter((name) => name === 'default/films')).toHaveLength(1);
});

test('the unfinished work of a restore is left out by a star, and taken by its name', () => {
  const { leftOut } = selectCollections(['*'], catalogue);
  expect(leftOut).toEqual([{ database: 'default', collection: 'films__milvault_0123456789ab' }]);
  expect(select('*')).not.toContain('default/films__milvault_0123456789ab');
  expect(select('*', 'films__milvault_0123456789ab')).toContain('default/films__milvault_0123456789ab');
});

test('a pattern that matches nothing says what is there', () => {
  expect(code(() => select('nothing'))).toBe('COLLECTION_NOT_FOUND');
  expect(code(() => select('films', 'film*'))).toBe('COLLECTION_NOT_FOUND');
  expect(code(() => select('a.nothing'))).toBe('COLLECTION_NOT_FOUND');
  expect(code(() => select('empty.*'))).toBe('COLLECTION_NOT_FOUND');
  expect(code(() => select('nosuch.films'))).toBe('DATABASE_NOT_FOUND');
  expect(code(() => select('nosuch.*'))).toBe('DATABASE_NOT_FOUND');
  expect(code(() => selectCollections(['*'], new Map([['default', []]])))).toBe('COLLECTION_NOT_FOUND');
  expect(() => select('film')).toThrow(/films/);
});

test('any collection can be named in full', () => {
  const name = fc.string({ minLength: 1 }).filter((text) => text !== '*' && !text.endsWith('.*'));
  fc.assert(
    fc.property(name, name, (database, collection) => {
      const one = new Map([[database, [collection]]]);
      expect(selectCollections([`${database}.${collection}`], one).names).toEqual([
        { database, collection, named: true },
      ]);
    }),
  );
});

test('a staging name is known as one, whatever the target is called, and fits the limit of Milvus', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 255 }), (target) => {
      const name = stagingName(target, '0123456789ab');
      expect(isStagingName(name)).toBe(true);
      expect(name.length).toBeLessThanOrEqual(255);
    }),
  );
  expect(isStagingName('films__milvault_')).toBe(false);
});

test('a new name is refused where it could walk, hide or be empty', () => {
  expect(parseNewName('b', 'a')).toEqual({ database: 'a', collection: 'b' });
  expect(parseNewName('x.b.c', 'a')).toEqual({ database: 'x', collection: 'b.c' });
  for (const bad of ['', '.', '..', '.b', 'a.', 'a/b', 'a\\b', 'a\nb', 'a..b', 'a\u0000']) {
    expect(
      code(() => parseNewName(bad, 'default')),
      JSON.stringify(bad),
    ).toBe('NAME_INVALID');
  }
});
