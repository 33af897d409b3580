import { sourceIdOf } from '@milvault/shared';

/**
 * Names of what a run may have for itself: `<source id>/<pattern>`, where the pattern is `*`, `database.*` or the full
 * name of a collection (`name` in the database `default`). Two of one source conflict where one covers the other.
 */
export function collectionLease(address: string, pattern: string): string {
  const plain = pattern.startsWith('default.') ? pattern.slice('default.'.length) : pattern;
  return `${sourceIdOf(address)}/${plain}`;
}

/** One trial restore at a time into one Milvus: each of them needs room for a copy in its memory. */
export const drillLease = (address: string): string => `drill-${sourceIdOf(address)}/one`;

export const fullName = (database: string, collection: string): string =>
  database === 'default' || database === '' ? collection : `${database}.${collection}`;
