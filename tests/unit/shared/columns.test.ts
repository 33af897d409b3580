import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  columnKindOf,
  compareKeys,
  DATA_TYPES,
  fromKeyRecord,
  toKeyRecord,
  vectorWidth,
  type DataTypeName,
} from '@milvault/shared';

const anyText = fc.string({ unit: 'grapheme' });
const anyKey = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), anyText);

test('text keys are ordered by their UTF-8 bytes', () => {
  fc.assert(
    fc.property(anyText, anyText, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')));
    }),
  );
});

test('a character beyond U+FFFF comes after every one below, unlike in UTF-16', () => {
  expect(compareKeys('\u{1F600}', '\uFFFD')).toBe(1);
  expect('\u{1F600}' < '\uFFFD').toBe(true);
});

test('int64 keys are ordered by value, not by their text', () => {
  const keys = [10n, 9n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 0n];
  expect([...keys].sort(compareKeys)).toEqual([-(2n ** 63n), -1n, 0n, 9n, 10n, 2n ** 63n - 1n]);
});

test('the order of keys is total: antisymmetric and transitive', () => {
  const ofOneType = fc.oneof(
    fc.tuple(fc.bigInt(), fc.bigInt(), fc.bigInt()),
    fc.tuple(anyText, anyText, anyText) as fc.Arbitrary<[string, string, string]>,
  );
  fc.assert(
    fc.property(ofOneType, ([a, b, c]) => {
      expect(compareKeys(a, b) + compareKeys(b, a)).toBe(0);
      if (compareKeys(a, b) <= 0 && compareKeys(b, c) <= 0) expect(compareKeys(a, c)).toBeLessThanOrEqual(0);
    }),
  );
});

test('a key comes back from its JSON record as it was', () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      expect(fromKeyRecord(JSON.parse(JSON.stringify(toKeyRecord(key))))).toBe(key);
    }),
  );
});

test('every data type has a memory layout', () => {
  for (const type of Object.keys(DATA_TYPES) as DataTypeName[]) {
    expect(['int32', 'int64', 'float32', 'float64', 'fixed', 'bytes']).toContain(columnKindOf(type));
  }
});

test('no two data types have one number', () => {
  expect(new Set(Object.values(DATA_TYPES)).size).toBe(Object.keys(DATA_TYPES).length);
});

test.each([
  ['BinaryVector', 16, 2],
  ['FloatVector', 3, 12],
  ['Float16Vector', 3, 6],
  ['BFloat16Vector', 3, 6],
  ['Int8Vector', 3, 3],
] as const)('a %s of %i dimensions takes %i bytes', (type, dim, bytes) => {
  expect(vectorWidth(type, dim)).toBe(bytes);
});

test('a sparse vector has no width', () => {
  expect(() => vectorWidth('SparseFloatVector', 3)).toThrow(TypeError);
});

test('exactly the dense vectors have a fixed width', () => {
  for (const type of Object.keys(DATA_TYPES) as DataTypeName[]) {
    if (columnKindOf(type) === 'fixed') expect(vectorWidth(type, 8)).toBeGreaterThan(0);
    else expect(() => vectorWidth(type, 8)).toThrow(TypeError);
  }
});
