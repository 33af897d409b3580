import { fail } from '@milvault/shared';

export interface CollectionName {
  readonly database: string;
  readonly collection: string;
}

export const DEFAULT_DATABASE = 'default';

/** `collection` in the database `default`, else `database.collection`: how people read and write it. */
export const fullName = ({ database, collection }: CollectionName): string =>
  database === DEFAULT_DATABASE ? collection : `${database}.${collection}`;

const STAGING = /__milvault_(drill_)?[0-9a-z]{6,26}$/;

/** Collections that are being restored or drilled: no backup of `*` takes them. */
export const isStagingName = (collection: string): boolean => STAGING.test(collection);

/** Milvus allows 255 characters; the mark takes at most 37 of them. */
const STAGING_STEM = 200;

/** The name under which a restore fills a collection. `token`: lower-case letters and digits, of this restore alone. */
export const stagingName = (target: string, token: string): string =>
  `${target.slice(0, STAGING_STEM)}__milvault_${token}`;

// Control characters cannot be typed, shown or logged safely; slashes and dots walk in file systems and URLs.
const UNSAFE = /[\u0000-\u001f\u007f/\\]|^\.{1,2}$|\.\./;

/** A new name as a person wrote it: `database.collection`, or `collection` in `database`. NAME_INVALID. */
export function parseNewName(text: string, database: string): CollectionName {
  const dot = text.indexOf('.');
  const name =
    dot < 0 ? { database, collection: text } : { database: text.slice(0, dot), collection: text.slice(dot + 1) };
  if (name.database === '' || name.collection === '' || UNSAFE.test(text)) {
    throw fail('NAME_INVALID', {
      what: 'The new name of a collection is not allowed',
      expected: 'collection or database.collection, without slashes, `..` and control characters',
      got: JSON.stringify(text),
    });
  }
  return name;
}
