import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { toolsFolder } from './paths.ts';

const PARTIAL = /\.partial-(\d+)$/;

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Removes what processes that are gone left half-built. */
async function sweep(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => {
    const pid = PARTIAL.exec(name)?.[1];
    return pid !== undefined && !alive(Number(pid));
  });
  await Promise.all(left.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

/**
 * A folder of installed things, made on first use. `contents` says what is in it and becomes a part of its name, so
 * a change makes a new one. It is built aside and moved into place whole: another process sees all of it or nothing,
 * and of two that build at once the second throws its own away.
 */
export async function toolFolder(
  name: string,
  contents: unknown,
  build: (partial: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(contents)).digest('hex').slice(0, 12);
  const folder = join(toolsFolder(), `${name}-${hash}`);
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  await sweep(dirname(folder));
  const partial = `${folder}.partial-${process.pid}`;
  try {
    await build(partial);
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
