import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { REDACTED, secret } from '@milvault/shared';

test('a secret shows itself nowhere but in reveal', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 12 }), (value) => {
      const hidden = secret(value);
      const shown = [
        JSON.stringify({ hidden }),
        `${String(hidden)}`,
        inspect({ deep: { hidden } }, { depth: 9, showHidden: true }),
        inspect(hidden, { customInspect: false, showHidden: true }),
        Object.keys(hidden).join(),
        new Error(`with ${hidden as unknown as string}`).message,
      ];
      for (const text of shown) expect(text.includes(value) && !REDACTED.includes(value)).toBe(false);
      expect(hidden.reveal()).toBe(value);
    }),
  );
});

test('a secret cannot be made to show itself', () => {
  expect(() => Object.assign(secret('x'), { toJSON: () => 'x' })).toThrow(TypeError);
});
