import { rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from './faults.ts';

/**
 * Removes a folder and those above it, up to the first that is kept or that something lies in. rmdir refuses a folder that
 * is not empty, so this can be tried without looking; one that cannot be removed hurts nobody and stays.
 */
export async function removeEmptyFolders(from: string, isKept: (folder: string) => boolean): Promise<void> {
  for (let folder = from; !isKept(folder); folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') continue;
      return;
    }
  }
}
