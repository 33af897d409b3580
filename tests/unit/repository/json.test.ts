import { hasCode } from '@milvault/shared';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import {
  decodeJson,
  decodeSealed,
  encodeJson,
  encodeSealed,
  parseText,
} from '../../../packages/repository/src/format/json.ts';
import { plainJson, sealed } from '../../support/repository.ts';

const Schema = Type.Object({
  a: Type.Integer(),
  inner: Type.Object({ b: Type.String() }, { additionalProperties: false }),
});
const value = { a: 1, inner: { b: 'x' } };
const damage = (error: unknown): boolean => hasCode(error, 'OBJECT_DAMAGED');

describe('a sealed object', () => {
  it('comes back, and is plain JSON', () => {
    expect(decodeSealed(Schema, encodeSealed(Schema, value), 'k')).toEqual(value);
    expect(JSON.parse(Buffer.from(encodeSealed(Schema, value)).toString())).toMatchObject(value);
  });

  it('shows every flipped bit, every cut and every added byte', () => {
    const good = encodeSealed(Schema, value);
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = Uint8Array.from(good);
      bad[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => decodeSealed(Schema, bad, 'k')).toThrow(/damaged/);
    }
    for (let length = 0; length < good.length; length++)
      expect(() => decodeSealed(Schema, good.subarray(0, length), 'k')).toThrow(/damaged/);
    expect(() => decodeSealed(Schema, Buffer.concat([good, Buffer.from('\n')]), 'k')).toThrow(/damaged/);
  });
});

describe('a stored object', () => {
  it('may have members that a later version added, at any depth', () => {
    const later = { ...value, z: 1, inner: { ...value.inner, y: [2] } };
    expect(decodeJson(Schema, plainJson(later), 'k')).toEqual(value);
    expect(decodeSealed(Schema, sealed(later), 'k')).toEqual(value);
  });

  it('is not written where none could read it', () => {
    const wrong: unknown = { a: 1.5, inner: { b: 'x' } };
    for (const encode of [encodeJson, encodeSealed]) {
      expect(() => encode(Schema, wrong as typeof value)).toThrow(/none could read it: .*\/a/);
    }
  });

  it('is damaged where a member is missing or of another type, and says which', () => {
    const where = (bad: object): unknown => {
      try {
        return decodeJson(Schema, plainJson(bad), 'slots/k');
      } catch (error) {
        expect(damage(error)).toBe(true);
        return String(error);
      }
    };
    expect(where({ a: 1 })).toContain('slots/k');
    expect(where({ a: 1, inner: { b: 3 } })).toContain('/inner/b');
  });

  it('is damaged where it is no JSON, no UTF-8, or nested without end', () => {
    for (const bytes of [
      Buffer.from('{'),
      Buffer.from([0x22, 0xff, 0x22]),
      Buffer.alloc(0),
      Buffer.from('['.repeat(1_000_000)),
    ]) {
      expect(() => parseText(bytes, 'k')).toThrow(/not JSON/);
    }
    const deep = Buffer.from(`{"a":1,"inner":{"b":"x"},"z":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    expect(decodeJson(Schema, deep, 'k')).toEqual(value);
  });
});
