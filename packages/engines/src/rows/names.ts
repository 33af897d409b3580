import { fail } from '@milvault/shared';

export interface CollectionName {
  readonly database: string;
  readonly collection: string;
}

export const DEFAULT_DATABASE = 'default';

/** `collection` in the database `default`, else `database.collection`: how people read and write it. */
export const fullName = ({ database, collection }: CollectionName): string =>
  database === DEFAULT_DATABASE && !collection.includes('.') ? collection : `${database}.${collection}`;

/** One text for one collection: names may hold dots, so the full name may be that of two. */
export const nameId = ({ database, collection }: CollectionName): string => `${database}\0${collection}`;

const STAGING = /__milvault_(drill_)?[0-9a-z]{6,26}$/;

/** Collections that are being restored or drilled: no backup of `*` takes them. */
export const isStagingName = (collection: string): boolean => STAGING.test(collection);

/** Milvus allows 255 characters; the mark takes at most 37 of them. */
const STAGING_STEM = 200;

/** The name under which a restore fills a collection. `token`: lower-case letters and digits, of this restore alone. */
export const stagingName = (target: string, token: string): string =>
  `${target.slice(0, STAGING_STEM)}__milvault_${token}`;

// Control characters cannot be typed, shown or logged safely; slashes and dots walk in file systems and URLs.
const UNSAFE = /[\u0000-\u001f\u007f/\\]|^\.|\.\./;

/** A new name as a person wrote it: `database.collection`, or `collection` in `database`. NAME_INVALID. */
export function parseNewName(text: string, database: string): CollectionName {
  const dot = text.indexOf('.');
  return requireSafeName(
    dot < 0 ? { database, collection: text } : { database: text.slice(0, dot), collection: text.slice(dot + 1) },
  );
}

/** NAME_INVALID for a name that no server and no tool should meet. */
export function requireSafeName(name: CollectionName): CollectionName {
  if ([name.database, name.collection].every((part) => part !== '' && !UNSAFE.test(part))) return name;
  throw fail('NAME_INVALID', {
    what: 'The new name of a collection is not allowed',
    expected: 'collection or database.collection, without slashes, `..` and control characters',
    got: JSON.stringify(`${name.database}.${name.collection}`),
  });
}
