import { fail } from '@milvault/shared';

const CONTROL = /\p{Cc}/u;

/** Keys come from listings and from Milvus. None may lead out of the place. INTERNAL. */
export function requireObjectKey(key: string): string {
  const parts = key.split('/');
  if (
    parts.every((part) => part !== '' && part !== '.' && part !== '..') &&
    !CONTROL.test(key) &&
    !key.includes('\\')
  ) {
    return key;
  }
  throw fail('INTERNAL', { what: `${JSON.stringify(key)} is not the key of a file below a place` });
}

/** The same for what a listing starts from: '' or a folder. */
export function requireObjectPrefix(prefix: string): string {
  if (prefix === '') return prefix;
  if (prefix.endsWith('/')) return `${requireObjectKey(prefix.slice(0, -1))}/`;
  throw fail('INTERNAL', { what: `${JSON.stringify(prefix)} is not a folder: it does not end in /` });
}
