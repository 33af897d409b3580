import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../parts/paths.ts';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface JsonReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

const runVitest = (args: readonly string[], env: Readonly<Record<string, string>>): Promise<number | null> =>
  new Promise((settle, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', reject);
    child.once('exit', settle);
  });

async function readReport(path: string): Promise<JsonReport | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as JsonReport;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Runs the test files that match `filters` (all without one) and counts. A run that ends badly although no test of it
 * failed (a file that cannot be loaded, an error outside of any test, a crash) counts as one failure.
 */
export async function countTests(
  filters: readonly string[],
  reportFile: string,
  env: Readonly<Record<string, string>>,
): Promise<Tally> {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const exit = await runVitest([...reporters, ...filters], env);
  const found = await readReport(reportFile);
  const failed = found?.numFailedTests ?? 0;
  return {
    passed: found?.numPassedTests ?? 0,
    failed: failed === 0 && exit !== 0 ? 1 : failed,
    skipped: (found?.numPendingTests ?? 0) + (found?.numTodoTests ?? 0),
  };
}
