import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const holder = (file: string): number | null => {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * Two Redis servers on one append-only file would destroy it, so one `npm start` at a time uses a state folder.
 * Returns what gives it free again. A file that a dead process left is taken over.
 */
export function onlyOne(file: string): () => void {
  mkdirSync(dirname(file), { recursive: true });
  const other = holder(file);
  if (other !== null && other !== process.pid && alive(other)) {
    throw new Error(
      `milvault was started here already (process ${other}). End that one first, or give this one a folder of its own ` +
        `in MILVAULT_STATE. If process ${other} is something else, remove ${file}.`,
    );
  }
  rmSync(file, { force: true });
  writeFileSync(file, String(process.pid), { flag: 'wx' });
  return () => {
    rmSync(file, { force: true });
  };
}
