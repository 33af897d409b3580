import { constants } from 'node:fs';
import {
  link,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rmdir,
  statfs,
  unlink,
  type FileHandle,
} from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fail, newId, type Clock } from '@milvault/shared';
import { isSafeKey, REPO_KEY, TEMP_FOLDER } from '../format/names.ts';
import type { ObjectStat, StorageDriver } from '../port.ts';
import { missing, readFault, systemCode, writeFault } from './faults.ts';

/** Published files are never written again, so nobody needs the right to. */
const PUBLISHED_MODE = 0o440;
const READ = constants.O_RDONLY | constants.O_NOFOLLOW;
const NO_FILE = new Set(['ENOENT', 'ENOTDIR']);
/** What a fresh disk has, and what a creation that died leaves behind. */
const NOT_CONTENT = new Set(['lost+found', TEMP_FOLDER]);
/** A folder can be emptied and removed by a clean-up between our mkdir and our rename. */
const PUBLISH_TRIES = 3;

/**
 * A folder. A write goes to `tmp/` of the same file system, is flushed to the disk, gets its name by rename (or by link,
 * which fails where the name is taken), and then its folder is flushed: what was acknowledged survives a power cut.
 * Symbolic links below the folder are neither followed nor listed. Nothing is written, and no listing is believed, while
 * `repo.json` is missing: the folder of an unmounted disk looks like an empty repository.
 */
export function createLocalStorage(place: string, clock: Clock): StorageDriver {
  const path = (key: string): string => {
    if (!isSafeKey(key)) throw fail('INTERNAL', { what: `${JSON.stringify(key)} is not a key of a repository` });
    return join(place, key);
  };
  const store = { place, clock, path };
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

interface Store {
  readonly place: string;
  readonly clock: Clock;
  readonly path: (key: string) => string;
}

async function requireRepository(store: Store): Promise<void> {
  const file = await lstat(join(store.place, REPO_KEY)).catch((error: unknown) => {
    if (NO_FILE.has(systemCode(error))) return null;
    throw readFault(error, store.place, REPO_KEY);
  });
  if (file?.isFile() === true) return;
  throw fail('REPO_NOT_A_REPOSITORY', {
    what: `There is no ${REPO_KEY} in ${store.place}`,
    next: 'Mount the disk of the repository, or create a repository with `milvault repo init`',
    details: { place: store.place },
  });
}

async function publish(
  store: Store,
  key: string,
  bytes: Uint8Array,
  mode: 'replace' | 'create',
): Promise<'created' | 'exists'> {
  const final = store.path(key);
  if (key !== REPO_KEY) await requireRepository(store);
  else await makePlace(store);
  const temp = join(store.place, TEMP_FOLDER, newId(store.clock));
  try {
    await makeFolder(store, dirname(temp));
    await writeDurably(temp, bytes);
    for (let tries = 1; ; tries += 1) {
      await makeFolder(store, dirname(final));
      try {
        if (mode === 'create') await link(temp, final);
        else await rename(temp, final);
        break;
      } catch (error) {
        if (mode === 'create' && systemCode(error) === 'EEXIST') return 'exists';
        if (systemCode(error) !== 'ENOENT' || tries === PUBLISH_TRIES) throw error;
      }
    }
    await flushFolder(dirname(final));
    return 'created';
  } catch (error) {
    throw writeFault(error, store.place, key);
  } finally {
    await unlink(temp).catch(leaveToSweep);
  }
}

/** Only the birth of a repository may make its folder: see {@link createLocalStorage}. */
async function makePlace(store: Store): Promise<void> {
  await mkdir(store.place, { recursive: true }).catch((error: unknown) => {
    throw writeFault(error, store.place, REPO_KEY);
  });
}

/** The temporary file is gone already after a rename; one that cannot be removed is swept later. */
const leaveToSweep = (): void => undefined;

/** After a failed flush the kernel may have dropped the pages: the file is given up, never flushed again. */
async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', PUBLISHED_MODE);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await file.close().catch(leaveToSweep);
    throw error;
  }
  await file.close();
}

async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Makes a folder inside the repository, parents first, and flushes every parent that got a new entry. */
async function makeFolder(store: Store, folder: string): Promise<void> {
  try {
    await requireInside(store, folder);
    return;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || folder === store.place) throw error;
  }
  await makeFolder(store, dirname(folder));
  await mkdir(folder).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error;
  });
  await flushFolder(dirname(folder));
}

/** No folder on the way to an object may be a symbolic link: it could lead out of the repository. */
async function requireInside(store: Store, folder: string): Promise<void> {
  const [root, real] = await Promise.all([realpath(store.place), realpath(folder)]);
  if (relative(store.place, folder) === relative(root, real)) return;
  throw fail('REPO_READ_FAILED', {
    what: `${folder} leads out of the repository through a symbolic link`,
    next: 'Replace the link by the folder itself; only the folder of the repository may be a link',
    details: { place: store.place },
  });
}

async function readFile(store: Store, key: string, offset: number, length: number): Promise<Uint8Array> {
  const path = store.path(key);
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
async function explainRead(store: Store, key: string, error: unknown): Promise<Error> {
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

async function statFile(store: Store, key: string): Promise<ObjectStat | null> {
  const stats = await lstat(store.path(key)).catch((error: unknown) => {
    if (NO_FILE.has(systemCode(error))) return null;
    throw readFault(error, store.place, key);
  });
  if (stats === null) await requireRepository(store);
  return stats?.isFile() === true ? { key, size: stats.size, modifiedAt: stats.mtimeMs } : null;
}

async function* listFolder(store: Store, prefix: string): AsyncGenerator<ObjectStat> {
  await requireRepository(store);
  yield* walk(store, prefix);
  await requireRepository(store);
}

async function* walk(store: Store, prefix: string): AsyncGenerator<ObjectStat> {
  const folder = join(store.place, prefix);
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw readFault(error, store.place, prefix);
  });
  if (entries.length > 0) await requireInside(store, folder.endsWith(sep) ? folder.slice(0, -1) : folder);
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
async function refuseLinkedFolder(store: Store, key: string): Promise<void> {
  if (isSafeKey(key) && /\.[a-z]+$/.test(key)) return;
  await Promise.reject(
    fail('REPO_READ_FAILED', {
      what: `${key} in ${store.place} is a symbolic link, and links are not followed`,
      next: 'Replace the link by what it points to',
      details: { key, place: store.place },
    }),
  );
}

async function removeFile(store: Store, key: string): Promise<void> {
  const path = store.path(key);
  await requireRepository(store);
  try {
    await requireInside(store, dirname(path));
    await unlink(path);
  } catch (error) {
    if (!NO_FILE.has(systemCode(error))) throw writeFault(error, store.place, key);
  }
  await removeEmptyFolders(store, dirname(path));
}

/** rmdir refuses a folder that is not empty, so this can be tried without looking. */
async function removeEmptyFolders(store: Store, from: string): Promise<void> {
  for (let folder = from; relative(store.place, folder).includes(sep); folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') continue;
      return;
    }
  }
}

async function sweepTemp(store: Store, ageMs: number): Promise<number> {
  const folder = join(store.place, TEMP_FOLDER);
  let removed = 0;
  try {
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const stats = await lstat(path);
      if (!stats.isFile() || store.clock.now() - stats.mtimeMs < ageMs) continue;
      await unlink(path);
      removed += 1;
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw writeFault(error, store.place, `${TEMP_FOLDER}/`);
  }
  return removed;
}
