import path from 'node:path';
import { fail } from './errors/error.ts';

/**
 * Places where files are kept: folders, and buckets as `s3://bucket/prefix`. A bucket's place never holds credentials:
 * it stands in jobs, answers and logs.
 */
export interface BucketPlace {
  readonly bucket: string;
  /** Without a slash at either end; '' is the bucket itself. */
  readonly prefix: string;
}

const SCHEME = /^s3:\/\//i;
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/;
const LONGEST_PREFIX = 512;

/** Whether a text means a bucket, well written or not. */
export const isBucketPlace = (text: string): boolean => SCHEME.test(text);

/** Bucket and prefix, or null where the text is no place in a bucket. */
export function parseBucketPlace(text: string): BucketPlace | null {
  if (bucketComplaint(text) !== null) return null;
  const [bucket = '', ...folders] = withoutScheme(text).split('/');
  return { bucket, prefix: folders.join('/') };
}

const withoutScheme = (text: string): string => text.replace(SCHEME, '').replace(/\/+$/, '');

/** What is wrong with a place in a bucket; null: nothing. */
export function bucketComplaint(text: string): { expected: string; got?: string } | null {
  const expected = 's3://bucket/prefix';
  // What stands before an @ may be a key: it is not shown.
  if (text.includes('@'))
    return { expected: `${expected}, with keys in s3 or AWS_*`, got: 'an address with a user part' };
  const [bucket = '', ...folders] = withoutScheme(text).split('/');
  if (!isBucketPlace(text) || !BUCKET.test(bucket) || bucket.includes('..')) return { expected };
  const plain = folders.every((name) => name !== '' && name !== '.' && name !== '..' && !/[\p{Cc}?#\\]/u.test(name));
  if (plain && folders.join('/').length <= LONGEST_PREFIX) return null;
  return { expected: `${expected}, its prefix made of names that are not empty, \`.\` or \`..\`` };
}

/** A place in a bucket that somebody typed, in its one spelling. NAME_INVALID, which does not show it: it may hold keys. */
export function requireBucketPlace(text: string): string {
  if (bucketComplaint(text) === null) return resolvePlace('', text);
  throw fail('NAME_INVALID', {
    what: 'This is no place in a bucket',
    expected: 's3://bucket/prefix, with keys in s3 of the configuration or in AWS_*',
    next: 'Give bucket and prefix alone; a place stands in jobs and logs',
  });
}

/** A place in its one spelling: an absolute folder, or a bucket without a slash at its end. */
export const resolvePlace = (folder: string, place: string): string =>
  isBucketPlace(place) ? `s3://${withoutScheme(place)}` : path.resolve(folder, place);
