import { readFile } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import type { TestProject } from 'vitest/node';

/** Folders whose tests have no servers unless a file says so. */
const WITHOUT_SERVERS = ['unit', 'docs'];

async function needsServers(file: string): Promise<boolean> {
  const [, kind = ''] = relative(process.cwd(), file).split(sep);
  return !WITHOUT_SERVERS.includes(kind) || (await readFile(file, 'utf8')).includes('servers()');
}

/** Whether any of the test files that were selected on the command line wants the servers. */
export async function serversNeeded(project: TestProject): Promise<boolean> {
  // Vitest keeps the command line's filters here without a type; were it renamed, all files would count, which is safe.
  const { filenamePattern } = project.vitest as unknown as { filenamePattern?: string[] };
  const { testFiles } = await project.globTestFiles(filenamePattern);
  const answers = await Promise.all(testFiles.map(needsServers));
  return answers.includes(true);
}
