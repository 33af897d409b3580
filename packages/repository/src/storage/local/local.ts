import { readdir, statfs } from 'node:fs/promises';
import type { Clock } from '@milvault/shared';
import { TEMP_FOLDER } from '../../format/names.ts';
import type { StorageDriver } from '../../port.ts';
import { readFault, systemCode } from '../faults.ts';
import { RESERVE_FILE } from './reserve.ts';
import { listFolder, readFile, statFile } from './read.ts';
import { publish, removeFile, sweepTemp } from './write.ts';

/** What a fresh disk has, and what a creation that died leaves behind. */
const NOT_CONTENT = new Set(['lost+found', TEMP_FOLDER, RESERVE_FILE]);

/**
 * A folder. A write goes to `tmp/` of the same file system, is flushed to the disk, gets its name by rename (or by link,
 * which fails where the name is taken), and then its folder is flushed: what was acknowledged survives a power cut.
 * Symbolic links below the folder are neither followed nor listed. Nothing is written, and no listing is believed, while
 * `repo.json` is missing: the folder of an unmounted disk looks like an empty repository.
 */
export function createLocalStorage(place: string, clock: Clock): StorageDriver {
  const store = { place, clock };
  return {
    place,
    put: (key, bytes) => publish(store, key, bytes, 'replace').then(() => undefined),
    create: (key, bytes) => publish(store, key, bytes, 'create'),
    get: (key) => readFile(store, key, 0, Infinity),
    getRange: (key, offset, length) => readFile(store, key, offset, length),
    stat: (key) => statFile(store, key),
    list: (prefix) => listFolder(store, prefix),
    remove: (key) => removeFile(store, key),
    sweep: (ageMs) => sweepTemp(store, ageMs),
    isEmpty: async () => {
      const names = await readdir(place).catch((error: unknown) => {
        if (systemCode(error) === 'ENOENT') return [];
        throw readFault(error, place, '.');
      });
      return names.every((name) => NOT_CONTENT.has(name));
    },
    space: async () => {
      const stats = await statfs(place).catch((error: unknown) => Promise.reject(readFault(error, place, '.')));
      return { total: stats.blocks * stats.bsize, free: stats.bavail * stats.bsize };
    },
  };
}
