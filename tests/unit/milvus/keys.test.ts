import type { PrimaryKey } from '@milvault/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { membershipExpression, rangeExpression, type KeyField } from '../../../packages/milvus/src/keys/expression.ts';

const INT: KeyField = { name: 'id', type: 'Int64' };
const TEXT: KeyField = { name: 'id', type: 'VarChar' };
const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** What Milvus makes of a literal: newer ones replace `\uXXXX` anywhere first, then Go's strconv.Unquote follows. */
function unquoteLikeMilvus(expression: string): string {
  const seen = expression.replace(/\\u[0-9a-fA-F]{4}/g, (found) => String.fromCharCode(parseInt(found.slice(2), 16)));
  const literal = /"((?:[^"\\\n\r]|\\.)*)"$/s.exec(seen)?.[1];
  if (literal === undefined) throw new Error(`not a literal: ${seen}`);
  return literal.replace(/\\([0-7]{3}|.)/gs, (whole, code: string) => {
    if (!/^[0-7]{3}$/.test(code)) throw new Error(`Go has no escape ${whole}`);
    return String.fromCharCode(parseInt(code, 8));
  });
}

/** What Milvus Lite makes of it (its tokenizer knows six escapes, and no raw line break). */
function unquoteLikeLite(expression: string): string {
  const literal = /"((?:[^"\\\n\r]|\\["'\\nrt])*)"$/.exec(expression)?.[1];
  if (literal === undefined) throw new Error(`not a literal: ${expression}`);
  const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t' };
  return literal.replace(/\\(.)/g, (_, char: string) => escapes[char] ?? char);
}

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('"', "'", '\\', '\n', '\r', '\t', '\0', '\u007f', 'u0041', '0', '7', 'é', '😀', 'n'), {
      maxLength: 12,
    })
    .map((parts) => parts.join('')),
);

describe('A key in a condition', () => {
  it('of any text is what Milvus reads there', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(unquoteLikeMilvus(rangeExpression(TEXT, { after: text, upTo: null }, 'milvus'))).toBe(text);
      }),
    );
  });

  it('of any text is what Milvus Lite reads there', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(unquoteLikeLite(rangeExpression(TEXT, { after: null, upTo: text }, 'lite'))).toBe(text);
      }),
    );
  });

  it('of any int64 is never written as a number that overflows', () => {
    const keys = fc.oneof(fc.bigInt({ min: MIN, max: MAX }), fc.constantFrom(MIN, MIN + 1n, MAX, 0n, -1n));
    fc.assert(
      fc.property(keys, keys, keys, (after, upTo, probe) => {
        const expression = rangeExpression(INT, { after, upTo }, 'milvus');
        for (const number of expression.match(/\d+/g) ?? []) expect(BigInt(number)).toBeLessThanOrEqual(MAX);
        expect(holds(expression, probe)).toBe(probe > after && probe <= upTo);
      }),
    );
  });

  it('may be the smallest int64, in lists too', () => {
    const asked = (keys: PrimaryKey[]): string => membershipExpression(INT, keys, 'milvus');
    expect(asked([5n, -7n])).toBe('id in [5, -7]');
    expect(asked([5n, MIN])).toBe('id in [5] or id < -9223372036854775807');
    expect(asked([MIN])).toBe('id < -9223372036854775807');
  });

  it('is not needed to ask for all keys', () => {
    const all = { after: null, upTo: null };
    expect(rangeExpression(INT, all, 'milvus')).toBe('id <= 9223372036854775807');
    expect(rangeExpression(TEXT, all, 'lite')).toBe('id >= ""');
  });
});

/** Evaluates the conditions that we write: comparisons joined by `and`. */
function holds(expression: string, key: bigint): boolean {
  return expression.split(' and ').every((condition) => {
    const [, operator = '', number = ''] = /^id (>|>=|<|<=) (-?\d+)$/.exec(condition) ?? [];
    const value = BigInt(number);
    switch (operator) {
      case '>':
        return key > value;
      case '>=':
        return key >= value;
      case '<':
        return key < value;
      default:
        return key <= value;
    }
  });
}
