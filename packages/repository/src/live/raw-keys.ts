import { fail, type Column, type PrimaryKey } from '@milvault/shared';
import type { RawKey } from '../port.ts';

/** Order of keys as they lie in columns: int64 by value, text by its UTF-8 bytes. */
export function compareRawKeys(a: RawKey, b: RawKey): number {
  if (typeof a === 'bigint' || typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(a, b);
}

export const toRawKey = (key: PrimaryKey | RawKey): RawKey =>
  typeof key === 'string' ? Buffer.from(key, 'utf8') : key;

export interface RawKeys {
  readonly length: number;
  at(row: number): RawKey;
}

/** The keys of a column, without a copy. */
export function rawKeysOf({ data }: Column): RawKeys {
  if (data.kind !== 'int64' && data.kind !== 'bytes') {
    throw fail('INTERNAL', { what: `A column of ${data.kind} holds no keys` });
  }
  const { values } = data;
  return {
    length: values.length,
    at: (row) => {
      const key = values[row];
      if (key === undefined) throw new RangeError(`no key ${row} of ${values.length}`);
      return key;
    },
  };
}

/** The first row whose key lies beyond `key`, of rising keys: 0 to length. */
export function firstAfter(keys: RawKeys, key: RawKey): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareRawKeys(keys.at(middle), key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
