import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  backupName,
  collectionKey,
  hashedName,
  ID_PATTERN,
  newId,
  normaliseAddress,
  sourceIdOf,
  systemClock,
} from '@milvault/shared';

const ID = new RegExp(ID_PATTERN);
const at = (ms: number) => ({ ...systemClock, now: () => ms });

test('an id sorts by the time it was made at', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 47 }), fc.integer({ min: 1, max: 2 ** 40 }), (start, later) => {
      const [first, second] = [newId(at(start)), newId(at(start + later))];
      expect(first).toMatch(ID);
      expect(first < second).toBe(true);
    }),
  );
});

test('an id of a clock at its very start does not tell the time of this machine', () => {
  expect(newId(at(0)).slice(0, 9)).toBe('000000000');
});

test('two ids of one moment differ', () => {
  expect(newId(at(1))).not.toBe(newId(at(1)));
});

test('a hashed name has the shape of an id whatever the text', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (parts) => {
      expect(hashedName(...parts)).toMatch(ID);
    }),
  );
});

test('a hashed name stays the same for ever: it names folders in repositories', () => {
  expect(hashedName('default', 'films')).toBe(collectionKey('default', 'films'));
  expect(collectionKey('default', 'films')).toBe('86n30gxbk702myfbbp878yenx6');
  expect(sourceIdOf('127.0.0.1:19530')).toBe('4nqvkwbb80bc20sb2khd6q5dgb');
});

test('where one part ends and the next begins matters', () => {
  expect(hashedName('ab', 'c')).not.toBe(hashedName('a', 'bc'));
  expect(collectionKey('a', 'b')).not.toBe(collectionKey('b', 'a'));
});

test.each([
  ['localhost:19530', 'localhost:19530'],
  ['localhost', 'localhost:19530'],
  ['http://localhost:19530/', 'localhost:19530'],
  ['https://Milvus.Example:443/path?x=1#y', 'milvus.example:443'],
  ['tcp://localhost', 'localhost:19530'],
  [' localhost:1 ', 'localhost:1'],
  ['[::1]', '[::1]:19530'],
  ['[::1]:5', '[::1]:5'],
])('the address %s is %s', (given, normal) => {
  expect(normaliseAddress(given)).toBe(normal);
});

test('normalising twice changes nothing', () => {
  fc.assert(
    fc.property(fc.domain(), fc.option(fc.integer({ min: 1, max: 65_535 })), (host, port) => {
      const once = normaliseAddress(`http://${host}${port === null ? '' : `:${port}`}`);
      expect(normaliseAddress(once)).toBe(once);
    }),
  );
});

test('one Milvus is one source however its address is spelt', () => {
  expect(new Set(['localhost', 'LOCALHOST:19530', 'http://localhost:19530/'].map(sourceIdOf)).size).toBe(1);
  expect(sourceIdOf('localhost:19531')).not.toBe(sourceIdOf('localhost'));
});

test('the name of a backup tells its type and its second in UTC', () => {
  const moment = Date.UTC(2024, 1, 29, 3, 4, 5, 999);
  expect(backupName('full', moment)).toBe('full_20240229_030405');
  expect(backupName('incremental', moment)).toBe('incr_20240229_030405');
});
