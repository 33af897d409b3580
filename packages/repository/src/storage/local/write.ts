import { constants } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { newId } from '@milvault/shared';
import { FOLDERS, REPO_KEY, TEMP_FOLDER } from '../../format/names.ts';
import { removeEmptyFolders } from '../empty-folders.ts';
import { systemCode, writeFault } from '../faults.ts';
import { NO_FILE, pathOf, requireInside, requireRepository, type Place } from './place.ts';
import { fillReserve, NO_SPACE, releaseReserve } from './reserve.ts';

/** Published files are never written again, so nobody needs the right to. */
const PUBLISHED_MODE = 0o440;
/** A folder can be emptied and removed by a clean-up between our mkdir and our rename. */
const PUBLISH_TRIES = 3;

/** Decisions and deletions are small, and are what makes room on a full disk: they may have the reserve. */
const MAY_USE_RESERVE = [FOLDERS.slots, FOLDERS.tombs, FOLDERS.markers];

export async function publish(
  store: Place,
  key: string,
  bytes: Uint8Array,
  mode: 'replace' | 'create',
): Promise<'created' | 'exists'> {
  const final = pathOf(store, key);
  if (key === REPO_KEY) await makePlace(store);
  else await requireRepository(store);
  try {
    try {
      return await writeOnce(store, final, bytes, mode);
    } catch (error) {
      const full = NO_SPACE.has(systemCode(error)) && MAY_USE_RESERVE.some((folder) => key.startsWith(folder));
      if (!full || !(await releaseReserve(store.place))) throw error;
      return await writeOnce(store, final, bytes, mode);
    }
  } catch (error) {
    throw writeFault(error, store.place, key);
  }
}

async function writeOnce(
  store: Place,
  final: string,
  bytes: Uint8Array,
  mode: 'replace' | 'create',
): Promise<'created' | 'exists'> {
  const temp = tempFile(store);
  try {
    await makeFolder(store, dirname(temp));
    await writeDurably(temp, bytes);
    if (!(await giveName(store, temp, final, mode))) return 'exists';
    await flushFolder(dirname(final));
    // A decision must not hang on a folder that another process made and did not flush yet.
    if (mode === 'create')
      for (let at = dirname(final); at !== store.place; at = dirname(at)) await flushFolder(dirname(at));
    return 'created';
  } finally {
    await unlink(temp).catch(leaveToSweep);
  }
}

const tempFile = (store: Place): string => join(store.place, TEMP_FOLDER, newId(store.clock));

/** False where the name is taken and must not be. */
async function giveName(store: Place, temp: string, final: string, mode: 'replace' | 'create'): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      await makeFolder(store, dirname(final));
      if (mode === 'create') await link(temp, final);
      else await rename(temp, final);
      return true;
    } catch (error) {
      if (mode === 'create' && systemCode(error) === 'EEXIST') return false;
      if (systemCode(error) !== 'ENOENT' || tries === PUBLISH_TRIES) throw error;
    }
  }
}

/** The temporary file is gone already after a rename; one that cannot be removed is swept later. */
const leaveToSweep = (): void => undefined;

/** Only the birth of a repository may make its folder: see {@link createLocalStorage}. */
async function makePlace(store: Place): Promise<void> {
  await mkdir(store.place, { recursive: true }).catch((error: unknown) => {
    throw writeFault(error, store.place, REPO_KEY);
  });
}

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
async function makeFolder(store: Place, folder: string): Promise<void> {
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

export async function removeFile(store: Place, key: string): Promise<void> {
  const path = pathOf(store, key);
  await requireRepository(store);
  try {
    await requireInside(store, dirname(path));
    await unlink(path);
  } catch (error) {
    if (!NO_FILE.has(systemCode(error))) throw writeFault(error, store.place, key);
  }
  // The folders of the repository itself stay.
  await removeEmptyFolders(dirname(path), (folder) => !relative(store.place, folder).includes(sep));
}

/** Removes old left-overs, and puts the reserve back where there is room for it. */
export async function sweepTemp(store: Place, ageMs: number): Promise<number> {
  await requireRepository(store);
  const folder = join(store.place, TEMP_FOLDER);
  let removed = 0;
  try {
    await makeFolder(store, folder);
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const stats = await lstat(path).catch(absent);
      if (stats === null || !stats.isFile() || store.clock.now() - stats.mtimeMs < ageMs) continue;
      await unlink(path);
      removed += 1;
    }
    await fillReserve(store.place, tempFile(store), writeDurably);
  } catch (error) {
    throw writeFault(error, store.place, `${TEMP_FOLDER}/`);
  }
  return removed;
}

/** A file of a writer that lives may get its name between being listed and being looked at. */
function absent(error: unknown): null {
  if (systemCode(error) === 'ENOENT') return null;
  throw error;
}
