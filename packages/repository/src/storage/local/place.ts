import { lstat, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fail, type Clock } from '@milvault/shared';
import { isSafeKey, REPO_KEY } from '../../format/names.ts';
import { readFault, systemCode } from '../faults.ts';

/** The folder of a repository, as the parts of the local driver know it. */
export interface Place {
  readonly place: string;
  readonly clock: Clock;
}

/** What a system call says of a file that is not there. */
export const NO_FILE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/** The file of a key. INTERNAL where it is no key: nothing else may become a path. */
export function pathOf(store: Place, key: string): string {
  if (!isSafeKey(key)) throw fail('INTERNAL', { what: `${JSON.stringify(key)} is not a key of a repository` });
  return join(store.place, key);
}

/** The folder of an unmounted disk looks like an empty repository: only `repo.json` tells them apart. */
export async function requireRepository(store: Place): Promise<void> {
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

/** No folder on the way to an object may be a symbolic link: it could lead out of the repository. */
export async function requireInside(store: Place, folder: string): Promise<void> {
  const [root, real] = await Promise.all([realpath(store.place), realpath(folder)]);
  if (relative(store.place, folder) === relative(root, real)) return;
  throw fail('REPO_READ_FAILED', {
    what: `${folder} leads out of the repository through a symbolic link`,
    next: 'Replace the link by the folder itself; only the folder of the repository may be a link',
    details: { place: store.place },
  });
}
