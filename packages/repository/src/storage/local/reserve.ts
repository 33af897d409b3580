import { lstat, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../faults.ts';

/**
 * A little space that is kept back. On a disk that is full to the last block not even a deletion could be noted down;
 * then this file goes first, and the clean-up that it made possible puts it back.
 */
export const RESERVE_FILE = 'reserve.bin';
/** What a system call says of a disk or a quota that is full. */
export const NO_SPACE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);
const RESERVE_BYTES = 256 * 1024;

/** Puts the reserve there where it is missing. A disk without room for it simply has none. */
export async function fillReserve(
  folder: string,
  temp: string,
  write: (path: string, bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const file = join(folder, RESERVE_FILE);
  try {
    await lstat(file);
    return;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  try {
    await write(temp, new Uint8Array(RESERVE_BYTES).fill(0xa5));
    await rename(temp, file);
  } catch (error) {
    await unlink(temp).catch(() => undefined);
    if (!NO_SPACE.has(systemCode(error))) throw error;
  }
}

/** True where there was a reserve, and it is room now. */
export async function releaseReserve(folder: string): Promise<boolean> {
  try {
    await unlink(join(folder, RESERVE_FILE));
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
