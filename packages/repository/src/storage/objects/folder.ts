import { constants } from 'node:fs';
import { lstat, open, readdir, realpath, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fail, isMilvaultError, type MilvaultError } from '@milvault/shared';
import { systemCode } from '../faults.ts';
import { requireObjectKey, requireObjectPrefix } from './key.ts';
import type { ObjectReader, StoredObject } from './open.ts';

const READ = constants.O_RDONLY | constants.O_NOFOLLOW;
const NO_FILE = new Set(['ENOENT', 'ENOTDIR']);
const NO_RIGHT = new Set(['EACCES', 'EPERM']);

/** Files in a folder. Symbolic links below it are neither followed nor listed: they could lead out of it. */
export function openFolderObjects(place: string): ObjectReader {
  return {
    place,
    list: async function* (prefix) {
      requireObjectPrefix(prefix);
      await requireFolder(place);
      yield* walk(place, prefix);
      // An unmounted disk looks like an empty folder only if the folder stays: this tells of one that went meanwhile.
      await requireFolder(place);
    },
    get: (key) => readFile(place, key, 0, Infinity),
    getRange: (key, offset, length) => readFile(place, key, offset, length),
    has: async (key) => {
      try {
        await requireInside(place, dirname(join(place, requireObjectKey(key))));
        return (await lstat(join(place, key))).isFile();
      } catch (error) {
        const fault = await explain(place, key, error);
        if (fault.code === 'STORAGE_OBJECT_MISSING') return false;
        throw fault;
      }
    },
  };
}

async function readFile(place: string, key: string, offset: number, length: number): Promise<Uint8Array> {
  const path = join(place, requireObjectKey(key));
  try {
    await requireInside(place, dirname(path));
    const file = await open(path, READ);
    try {
      return await readBytes(file, offset, length);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw await explain(place, key, error);
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

async function* walk(place: string, prefix: string): AsyncGenerator<StoredObject> {
  const folder = join(place, prefix);
  const entries = await readdir(folder, { withFileTypes: true }).catch(async (error: unknown) => {
    // Milvus removes folders while we look; the place itself is looked at again at the end.
    if (NO_FILE.has(systemCode(error)) && prefix !== '') return [];
    throw await explain(place, prefix, error);
  });
  if (entries.length > 0) {
    await requireInside(place, prefix === '' ? place : folder.slice(0, -1)).catch(async (error: unknown) => {
      if (!NO_FILE.has(systemCode(error))) throw await explain(place, prefix, error);
    });
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const key = prefix + entry.name;
    if (entry.isDirectory()) yield* walk(place, `${key}/`);
    else if (entry.isFile()) {
      const stats = await lstat(join(place, key)).catch(async (error: unknown) => {
        if (NO_FILE.has(systemCode(error))) return null;
        throw await explain(place, key, error);
      });
      if (stats?.isFile() === true) yield { key, size: stats.size };
    }
  }
}

async function requireFolder(place: string): Promise<void> {
  const stats = await lstat(await realpath(place).catch(() => place)).catch((error: unknown) => {
    throw unreachable(place, '', error);
  });
  if (!stats.isDirectory()) throw fail('STORAGE_UNREACHABLE', { what: `${place} is no folder`, details: { place } });
}

/** No folder on the way to a file may be a symbolic link. */
async function requireInside(place: string, folder: string): Promise<void> {
  const [root, real] = await Promise.all([realpath(place), realpath(folder)]);
  if (relative(place, folder) === relative(root, real)) return;
  throw fail('STORAGE_DENIED', {
    what: `${folder} leads out of ${place} through a symbolic link`,
    next: 'Give the folder that the files really lie in; only that folder itself may be a link',
    details: { place },
  });
}

/** A file may be missing because Milvus dropped it, or because its disk is not there: only the first is a missing file. */
async function explain(place: string, key: string, error: unknown): Promise<MilvaultError> {
  if (isMilvaultError(error)) return error;
  const code = systemCode(error);
  if (NO_FILE.has(code) || code === 'ELOOP') {
    try {
      await requireFolder(place);
      return fail('STORAGE_OBJECT_MISSING', { what: `${key} is not a file in ${place}`, details: { key, place } });
    } catch (away) {
      return unreachable(place, key, away);
    }
  }
  return unreachable(place, key, error);
}

function unreachable(place: string, key: string, error: unknown): MilvaultError {
  if (isMilvaultError(error)) return error;
  const code = systemCode(error);
  return fail(NO_RIGHT.has(code) ? 'STORAGE_DENIED' : 'STORAGE_UNREACHABLE', {
    what: `Reading ${key || 'the folder'} in ${place} failed (${code || String(error)})`,
    cause: error,
    details: { key, place },
    ...(NO_RIGHT.has(code) ? { next: 'Give the user that runs milvault the right to read the folder of Milvus' } : {}),
  });
}
