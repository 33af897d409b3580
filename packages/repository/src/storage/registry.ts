import { isAbsolute, resolve } from 'node:path';
import { fail, type Clock } from '@milvault/shared';
import type { StorageDriver } from '../port.ts';
import { createLocalStorage } from './local/local.ts';
import { createMemoryStorage } from './memory.ts';

/** One way to keep objects. To add one: its file, and its line in {@link STORAGES}. */
export interface StorageEntry {
  readonly kind: string;
  /** How a place of this kind is written, for people. */
  readonly example: string;
  readonly matches: (place: string) => boolean;
  readonly open: (place: string, clock: Clock) => StorageDriver;
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
];

/** The driver for a place: a folder, or `memory:`. OPTION_UNSUPPORTED for any other scheme. */
export function openStorage(place: string, clock: Clock): StorageDriver {
  const entry = STORAGES.find((one) => one.matches(place));
  if (entry !== undefined && place.trim() !== '') return entry.open(place, clock);
  throw fail('OPTION_UNSUPPORTED', {
    what: 'There is no storage for this place',
    expected: STORAGES.map((one) => one.example).join(' or '),
    got: place,
  });
}
