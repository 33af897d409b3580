import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build } from 'vite';
import { ROOT } from '../parts/paths.ts';

/** The app that is no program: the admin page, which the API serves. */
export const PAGE = 'web';

const FOLDER = join(ROOT, 'apps', PAGE);
export const BUILT_PAGE = join(FOLDER, 'dist');
/** In the built page: what it was built from. */
const MARK = 'built-from';

/**
 * Builds the page into `apps/web/dist`, unless it was built from exactly these sources already. It is put in place whole:
 * who serves it meanwhile finds the old one or the new one.
 */
export async function buildPage(): Promise<void> {
  const sources = await hashOfSources();
  if ((await markOf(BUILT_PAGE)) === sources) return;
  const aside = await mkdtemp(join(FOLDER, 'dist-'));
  try {
    await build({ root: FOLDER, logLevel: 'warn', build: { outDir: aside, emptyOutDir: true } });
    await writeFile(join(aside, MARK), sources);
    // Temporary folders are their maker's alone; the API may run as somebody else.
    await chmod(aside, 0o755);
    await putInPlace(aside);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

const markOf = (folder: string): Promise<string | null> => readFile(join(folder, MARK), 'utf8').catch(() => null);

/** Another process may do the same at the same time: whoever comes second finds the place taken by an equal page. */
async function putInPlace(built: string): Promise<void> {
  const old = `${built}.old`;
  await rename(BUILT_PAGE, old).catch(() => undefined);
  try {
    await rename(built, BUILT_PAGE);
  } catch (error) {
    if ((await markOf(BUILT_PAGE)) === null) throw error;
  } finally {
    await rm(old, { recursive: true, force: true });
  }
}

/** Of all that the built page depends on: its own files, and the versions of all packages. */
async function hashOfSources(): Promise<string> {
  const files = (await readdir(FOLDER, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/^(dist|node_modules)/.test(relative(FOLDER, path)));
  const hash = createHash('sha256');
  for (const path of [...files.sort(), join(ROOT, 'package-lock.json')]) {
    hash
      .update(relative(ROOT, path))
      .update('\0')
      .update(await readFile(path))
      .update('\0');
  }
  return hash.digest('hex');
}
