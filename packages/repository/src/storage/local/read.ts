import { constants } from 'node:fs';
import { lstat, open, readdir, type FileHandle } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { fail } from '@milvault/shared';
import { isSafeKey, TEMP_FOLDER } from '../../format/names.ts';
import type { ObjectStat } from '../../port.ts';
import { missing, readFault, systemCode } from '../faults.ts';
import { NO_FILE, pathOf, requireInside, requireRepository, type Place } from './place.ts';

const READ = constants.O_RDONLY | constants.O_NOFOLLOW;

export async function readFile(store: Place, key: string, offset: number, length: number): Promise<Uint8Array> {
  const path = pathOf(store, key);
  try {
    await requireInside(store, dirname(path));
    const file = await open(path, READ);
    try {
      return await readBytes(file, offset, length);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw await explainRead(store, key, error);
  }
}

async function readBytes(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const { size } = await file.stat();
  const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, size - offset)));
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, offset + done);
    if (bytesRead === 0) return bytes.subarray(0, done);
    done += bytesRead;
  }
  return bytes;
}

/** A file may be missing because somebody removed it, or because the disk is not mounted: only the first is damage. */
async function explainRead(store: Place, key: string, error: unknown): Promise<Error> {
  const code = systemCode(error);
  if (code === 'ELOOP') return missing(store.place, key, 'is a symbolic link, not a file');
  if (!NO_FILE.has(code)) return readFault(error, store.place, key);
  try {
    await requireRepository(store);
    return missing(store.place, key);
  } catch (absent) {
    return readFault(absent, store.place, key);
  }
}

export async function statFile(store: Place, key: string): Promise<ObjectStat | null> {
  const stats = await lstat(pathOf(store, key)).catch((error: unknown) => {
    if (NO_FILE.has(systemCode(error))) return null;
    throw readFault(error, store.place, key);
  });
  if (stats === null) await requireRepository(store);
  return stats?.isFile() === true ? { key, size: stats.size, modifiedAt: stats.mtimeMs } : null;
}

export async function* listFolder(store: Place, prefix: string): AsyncGenerator<ObjectStat> {
  await requireRepository(store);
  yield* walk(store, prefix);
  await requireRepository(store);
}

async function* walk(store: Place, prefix: string): AsyncGenerator<ObjectStat> {
  const folder = join(store.place, prefix);
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw readFault(error, store.place, prefix);
  });
  try {
    if (entries.length > 0) await requireInside(store, folder.endsWith(sep) ? folder.slice(0, -1) : folder);
  } catch (error) {
    // A clean-up can remove the folder after it was read.
    if (systemCode(error) !== 'ENOENT') throw error;
    return;
  }
  const named = entries.map((entry) => ({ entry, name: entry.name + (entry.isDirectory() ? '/' : '') }));
  // Key order is that of whole keys, where `/` sorts after `-` and `.`.
  named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const { entry, name } of named) {
    const key = prefix + name;
    if (entry.isDirectory()) {
      if (key !== `${TEMP_FOLDER}/`) yield* walk(store, key);
    } else if (entry.isSymbolicLink()) {
      await refuseLinkedFolder(store, key);
    } else if (entry.isFile() && isSafeKey(key)) {
      // A file can vanish after readdir named it: another clean-up removed it.
      const stats = await statFile(store, key);
      if (stats !== null) yield stats;
    }
  }
}

/** A link in the place of a folder hides all that lies behind it, so a listing that meets one is not complete. */
async function refuseLinkedFolder(store: Place, key: string): Promise<void> {
  if (isSafeKey(key) && /\.[a-z]+$/.test(key)) return;
  await Promise.reject(
    fail('REPO_READ_FAILED', {
      what: `${key} in ${store.place} is a symbolic link, and links are not followed`,
      next: 'Replace the link by what it points to',
      details: { key, place: store.place },
    }),
  );
}
