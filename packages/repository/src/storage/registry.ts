import { isAbsolute, resolve } from 'node:path';
import { fail, isBucketPlace, resolvePlace, type Clock, type S3Access } from '@milvault/shared';
import type { StorageDriver } from '../port.ts';
import { createLocalStorage } from './local/local.ts';
import { createMemoryStorage } from './memory.ts';
import { createS3Storage, NO_ACCESS } from './s3/s3.ts';

/** One way to keep objects. To add one: its file, and its line in {@link STORAGES}. */
export interface StorageEntry {
  readonly kind: string;
  /** How a place of this kind is written, for people. */
  readonly example: string;
  readonly matches: (place: string) => boolean;
  readonly open: (place: string, clock: Clock, access: S3Access) => StorageDriver;
}

const SCHEME = /^[a-z][a-z0-9+.-]+:/i;

export const STORAGES: readonly StorageEntry[] = [
  {
    kind: 'memory',
    example: 'memory:',
    matches: (place) => place.startsWith('memory:'),
    open: createMemoryStorage,
  },
  {
    kind: 'local',
    example: '/srv/backups',
    matches: (place) => isAbsolute(place) || !SCHEME.test(place),
    open: (place, clock) => createLocalStorage(resolve(place), clock),
  },
  {
    kind: 's3',
    example: 's3://bucket/prefix',
    matches: isBucketPlace,
    open: (place, clock, access) => createS3Storage(resolvePlace('', place), access, clock),
  },
];

/** The driver for a place: a folder, `memory:`, or a bucket with what it is reached by. OPTION_UNSUPPORTED for any other scheme. */
export function openStorage(place: string, clock: Clock, access: S3Access | null = null): StorageDriver {
  const entry = STORAGES.find((one) => one.matches(place));
  if (entry !== undefined && place.trim() !== '') return entry.open(place, clock, access ?? NO_ACCESS);
  throw fail('OPTION_UNSUPPORTED', {
    what: 'There is no storage for this place',
    expected: STORAGES.map((one) => one.example).join(' or '),
    got: place,
  });
}
