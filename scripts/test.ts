/**
 * `npm test`: types, lint, format and layers, then the build, then every test on real servers, then a look whether
 * anything was left behind. `npm test -- <part of a path>` runs the matching test files alone, after the build.
 * The last line is `N passed, N failed`, each step counted like a test.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKS } from './check/steps.ts';
import { processesLeft, RUN_MARK } from './test/leftovers.ts';
import { report, runStep, type Step } from './test/step.ts';
import { countTests, type Tally } from './test/vitest.ts';

const BUILD: Step = { name: 'build', args: ['--import', 'tsx', 'scripts/build.ts'] };

/** What tsx compiled, for its next process; goes with the folder. */
const CACHE = /^tsx-\d+$/;

/** What was told to end a moment ago may take so long. */
const LEAVE_WITHIN_MS = 5000;

const sum = (tallies: readonly Tally[]): Tally => ({
  passed: tallies.reduce((all, one) => all + one.passed, 0),
  failed: tallies.reduce((all, one) => all + one.failed, 0),
  skipped: tallies.reduce((all, one) => all + one.skipped, 0),
});

const outcome = (ok: boolean): Tally => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });

async function steps(list: readonly Step[]): Promise<Tally> {
  const results = list.map(async (step) => {
    const result = await runStep(step);
    report(result);
    return outcome(result.ok);
  });
  return sum(await Promise.all(results));
}

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

async function tests(filters: readonly string[]): Promise<Tally> {
  const home = await mkdtemp(join(tmpdir(), 'milvault-test-'));
  const folder = join(home, 'tmp');
  await mkdir(folder);
  const mark = randomUUID();
  try {
    const tally = await countTests(filters, join(home, 'report.json'), { TMPDIR: folder, [RUN_MARK]: mark });
    return sum([tally, await nothingLeft(mark, folder)]);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

// Vitest hears Ctrl-C too and ends its run; this process goes on, so that nothing is left behind.
process.on('SIGINT', () => undefined);

const filters = process.argv.slice(2);
const before = await steps(filters.length === 0 ? [...CHECKS, BUILD] : [BUILD]);
const total = sum([before, await tests(filters)]);
if (total.failed > 0) process.exitCode = 1;
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped === 0 ? '' : `, ${total.skipped} skipped`}`);
