import { readFile } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import type { TestProject } from 'vitest/node';
import { program } from '../../scripts/parts/apt.ts';
import { chromium } from '../../scripts/parts/chromium.ts';
import { moto } from '../../scripts/parts/moto.ts';
import { versitygw } from '../../scripts/parts/versitygw.ts';

/** What the test files that were selected on the command line want from this machine. */
export interface Needs {
  readonly servers: boolean;
  /** Programs to find or install before the tests, because that may take longer than a test may. */
  readonly programs: readonly ((say: (line: string) => void) => Promise<string>)[];
}

/** Folders whose tests have no servers unless a file says so. */
const WITHOUT_SERVERS = ['unit', 'docs'];

/** By what a file that wants the program says. */
const PROGRAMS: Readonly<Record<string, Needs['programs'][number]>> = {
  'support/browser': chromium,
  'support/s3-servers': async (say) => (await Promise.all([moto(say), versitygw(say)])).join(),
  'systemd-analyze': (say) => program(['systemd-analyze'], 'systemd', say),
};

const kindOf = (file: string): string => relative(process.cwd(), file).split(sep)[1] ?? '';

export async function needsOf(project: TestProject): Promise<Needs> {
  // Vitest keeps the command line's filters here without a type; were it renamed, all files would count, which is safe.
  const { filenamePattern } = project.vitest as unknown as { filenamePattern?: string[] };
  const { testFiles } = await project.globTestFiles(filenamePattern);
  const texts = await Promise.all(testFiles.map((file) => readFile(file, 'utf8')));
  const outside = testFiles.some((file) => !WITHOUT_SERVERS.includes(kindOf(file)));
  return {
    servers: outside || texts.some((text) => text.includes('servers()')),
    programs: Object.entries(PROGRAMS).flatMap(([said, bring]) =>
      texts.some((text) => text.includes(said)) ? [bring] : [],
    ),
  };
}
