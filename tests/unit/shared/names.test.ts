import fc from 'fast-check';
import path from 'node:path';
import { expect, test } from 'vitest';
import { hasCode, nameComplaint, NAME_PATTERN, requireName } from '@milvault/shared';

test.each([
  ['', 'an empty name'],
  ['a/b', 'a name with a slash'],
  ['a\\b', 'a name with a slash'],
  ['..', 'a name with `..`'],
  ['a..b', 'a name with `..`'],
  ['a\nb', 'a name with control characters'],
  ['a\u0000b', 'a name with control characters'],
  ['a\u0085b', 'a name with control characters'],
  ['a\u202Eb', 'a name with control characters'],
  ['a\u2028b', 'a name with control characters'],
  ['a\uD800b', 'a name with control characters'],
  ['a b', 'a name with white space'],
  ['a'.repeat(256), 'a name of 256 characters'],
])('the name %j is refused as %s', (name, complaint) => {
  expect(nameComplaint(name)).toBe(complaint);
});

test.each(['films', '_x', 'a-b', 'Straße', '映画', 'a.b', 'a'.repeat(255)])('the name %s is taken', (name) => {
  expect(requireName(name, 'collection')).toBe(name);
});

test('a refused name is told with its role, what was expected and what was got', () => {
  expect(() => requireName('../etc/passwd', 'suffix')).toThrow(
    expect.objectContaining({
      code: 'NAME_INVALID',
      got: 'a name with a slash',
      message: expect.stringContaining('The suffix "../etc/passwd" is not allowed'),
    }),
  );
});

test('a name that is taken never leaves its folder', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      try {
        requireName(name, 'name');
      } catch (error) {
        expect(hasCode(error, 'NAME_INVALID')).toBe(true);
        return;
      }
      const inside = path.join('/repository', `x${name}`);
      expect(path.dirname(inside)).toBe('/repository');
    }),
  );
});

test('a name of ours is a name that Milvus would take too', () => {
  fc.assert(
    fc.property(fc.stringMatching(new RegExp(NAME_PATTERN)), (name) => {
      expect(nameComplaint(name)).toBeNull();
    }),
  );
});
