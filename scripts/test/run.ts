/** Runs tests in a temporary folder of their own, and looks whether anything was left behind. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesLeft, RUN_MARK } from './leftovers.ts';
import { countTests, type Tally } from './vitest.ts';

/** What tsx compiled, for its next process; goes with the folder. */
const CACHE = /^tsx-\d+$/;

/** What was told to end a moment ago may take so long. */
const LEAVE_WITHIN_MS = 5000;

export const sum = (tallies: readonly Tally[]): Tally => ({
  passed: tallies.reduce((all, one) => all + one.passed, 0),
  failed: tallies.reduce((all, one) => all + one.failed, 0),
  skipped: tallies.reduce((all, one) => all + one.skipped, 0),
});

export const outcome = (ok: boolean): Tally => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });

/** Nothing may outlive the tests: no process that bears the run's mark, no file in its temporary folder. */
async function nothingLeft(mark: string, folder: string): Promise<Tally> {
  const processes = await processesLeft(mark, LEAVE_WITHIN_MS);
  const files = (await readdir(folder)).filter((name) => !CACHE.test(name));
  for (const { pid, command } of processes) console.log(`left running: ${pid} ${command}`);
  for (const file of files) console.log(`left in the temporary folder: ${file}`);
  for (const { pid } of processes) process.kill(pid, 'SIGKILL');
  const ok = processes.length === 0 && files.length === 0;
  console.log(`${ok ? 'ok    ' : 'FAILED'} nothing left behind`);
  return outcome(ok);
}

/** Files that match a filter, all without one; `env` goes to each of them. */
export async function runTests(filters: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Tally> {
  const home = await mkdtemp(join(tmpdir(), 'milvault-test-'));
  const folder = join(home, 'tmp');
  await mkdir(folder);
  const mark = randomUUID();
  try {
    const tally = await countTests(filters, join(home, 'report.json'), { ...env, TMPDIR: folder, [RUN_MARK]: mark });
    return sum([tally, await nothingLeft(mark, folder)]);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
