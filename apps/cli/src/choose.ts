import { isAbsolute, resolve } from 'node:path';
import { fail, isBucketPlace, nearest, requireBucketPlace } from '@milvault/shared';

const NAMES = {
  source: { code: 'SOURCE_NOT_FOUND', option: '--source', other: 'an address host:port' },
  repository: { code: 'REPOSITORY_NOT_FOUND', option: '--repo', other: 'a folder or s3://bucket/prefix' },
} as const;

/** What is meant where an option was left out: the only configured one. */
export function onlyOne(names: readonly string[], kind: keyof typeof NAMES): string {
  const { code, option, other } = NAMES[kind];
  const [first, second] = names;
  if (first !== undefined && second === undefined) return first;
  throw fail(first === undefined ? code : 'REQUEST_INVALID', {
    what: first === undefined ? `No ${kind} is configured, and none was named` : `Which ${kind} is meant is unclear`,
    expected: first === undefined ? `${option} with ${other}` : `${option} with ${names.join(' or ')}`,
    got: `no ${option}`,
    next: `Add ${option}`,
  });
}

/** Whether a word can only be a folder: the name of a repository has no slash and starts with a letter or digit. */
const looksLikeFolder = (text: string): boolean => isAbsolute(text) || text.includes('/') || text.startsWith('.');

/** A folder as seen from where the command was typed: whoever does the work may stand elsewhere. A bucket is one place for all. */
export const absolutePlace = (folder: string, text: string): string =>
  isBucketPlace(text) ? requireBucketPlace(text) : looksLikeFolder(text) ? resolve(folder, text) : text;

const ADDRESS = /^([a-z]+:\/\/)?(\[[0-9a-f:]+\]|[a-z0-9._-]+):\d{1,5}\/?$/i;

/** `host:port`, with a scheme or without. */
export const isAddress = (text: string): boolean => ADDRESS.test(text);

/** SOURCE_NOT_FOUND for a word that is neither configured nor an address. */
export function sourceNotFound(asked: string, names: readonly string[]): Error {
  const near = nearest(asked, names);
  return fail('SOURCE_NOT_FOUND', {
    what: `There is no source ${JSON.stringify(asked)}`,
    expected: [...names, 'an address host:port'].join(' or '),
    got: JSON.stringify(asked),
    ...(near === null ? {} : { next: `Did you mean ${near}?` }),
  });
}
