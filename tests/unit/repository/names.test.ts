import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatKey,
  isSafeKey,
  makeKey,
  parseKey,
  type ObjectName,
} from '../../../packages/repository/src/format/names.ts';

const id = fc.string({ unit: fc.constantFrom(...'0123456789abcdefghjkmnpqrstvwxyz'), minLength: 26, maxLength: 26 });
const fence = fc
  .array(fc.string({ unit: fc.constantFrom(...'0123456789abcxyz'), minLength: 1, maxLength: 9 }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join('-'));

const anyName: fc.Arbitrary<ObjectName> = fc.oneof(
  fc.constant({ kind: 'repo' } as const),
  fc.record({ kind: fc.constantFrom('slot', 'tomb', 'intent', 'hold'), sourceId: id, backupId: id }),
  fc.record({ kind: fc.constant('marker'), sourceId: id, backupId: id, gcRunId: id }),
  fc.record({ kind: fc.constant('pin'), sourceId: id, backupId: id, holderId: id }),
  fc.record({
    kind: fc.constant('reading'),
    sourceId: id,
    backupId: id,
    until: fc.integer({ min: 0, max: 9_999_999_999_999 }),
    readerId: id,
  }),
  fc.record({ kind: fc.constant('report'), sourceId: id, backupId: id, reportId: id }),
  fc.record({ kind: fc.constant('manifest'), sourceId: id, backupId: id, attempt: id }),
  fc.record({ kind: fc.constant('index'), sourceId: id, backupId: id, collKey: id, attempt: id }),
  fc.record({
    kind: fc.constant('chunk'),
    sourceId: id,
    backupId: id,
    collKey: id,
    seq: fc.integer({ min: 0, max: 99_999_999 }),
    fence,
  }),
) as fc.Arbitrary<ObjectName>;

describe('names of objects', () => {
  it('come back from their keys', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const key = makeKey(name);
        expect(parseKey(key)).toEqual(name);
        expect(isSafeKey(key)).toBe(true);
      }),
    );
  });

  it('are made from nothing but what a key allows', () => {
    fc.assert(
      fc.property(anyName, fc.string(), (name, text) => {
        if (!('backupId' in name)) return;
        const forged = formatKey({ ...name, backupId: text });
        const parsed = parseKey(forged);
        if (parsed !== null) expect(formatKey(parsed)).toBe(forged);
        if (!/^[0-9a-hjkmnp-tv-z]{26}$/.test(text)) expect(() => makeKey({ ...name, backupId: text })).toThrow(/name/);
      }),
    );
  });

  it('refuse anything that is no key, and never guess', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const name = parseKey(text);
        if (name !== null) expect(formatKey(name)).toBe(text);
      }),
    );
    const ulid = '0'.repeat(26);
    for (const key of [
      `slots/${ulid}/../${ulid}.json`,
      `/slots/${ulid}/${ulid}.json`,
      `slots/${ulid}/${ulid}.json\n`,
      `data/${ulid}/${ulid}/${ulid}/00000001-../x.parquet`,
      `data/${ulid}/${ulid}/${ulid}/1-a.parquet`,
      `data/${ulid}/${ulid}/${ulid}/00000001-${'a'.repeat(41)}.parquet`,
      `slots/${ulid.toUpperCase().replace('0', 'A')}/${ulid}.json`,
    ]) {
      expect(parseKey(key), key).toBeNull();
    }
  });

  it('keep a driver from every path that leads elsewhere', () => {
    for (const key of [
      '..',
      '../x',
      'data/..',
      'data/../x',
      '/x',
      'data//x',
      'data/./x',
      'data/a..b',
      'tmp',
      'data/',
      'data/ä',
    ]) {
      expect(isSafeKey(key), key).toBe(false);
    }
  });
});
