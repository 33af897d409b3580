import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Every process of a test run inherits this variable, and so can be told from all others. */
export const RUN_MARK = 'MILVAULT_TEST_RUN';

export interface Leftover {
  readonly pid: number;
  readonly command: string;
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) return ''; // Ended meanwhile, or another user's.
    throw error;
  }
}

async function processesNow(mark: string): Promise<Leftover[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const marked = await Promise.all(
    pids.map(async (pid) => (await read(`/proc/${pid}/environ`)).split('\0').includes(`${RUN_MARK}=${mark}`)),
  );
  const left = pids.filter((pid, index) => marked[index] === true && pid !== process.pid);
  return Promise.all(
    left.map(async (pid) => ({ pid, command: (await read(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ').trim() })),
  );
}

/**
 * Processes besides this one that bear the mark of a test run and do not leave in time. Looks in /proc: elsewhere than
 * on Linux it finds none.
 */
export async function processesLeft(mark: string, withinMs: number): Promise<Leftover[]> {
  if (process.platform !== 'linux') return [];
  const until = Date.now() + withinMs;
  for (;;) {
    const left = await processesNow(mark);
    if (left.length === 0 || Date.now() >= until) return left;
    await sleep(100);
  }
}
