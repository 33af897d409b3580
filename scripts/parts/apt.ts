import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onPath } from './on-path.ts';
import { toolsFolder } from './paths.ts';

const run = promisify(execFile);

const find = (programs: readonly string[]): string | null => programs.map(onPath).find((path) => path !== null) ?? null;

async function install(packageName: string, say: (line: string) => void): Promise<void> {
  say(`Installing ${packageName} with apt-get (once) ...`);
  const options = { maxBuffer: 1e8, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  mkdirSync(toolsFolder(), { recursive: true });
  const aptGet = `apt-get update && apt-get install -y --no-install-recommends '${packageName}'`;
  try {
    // apt-get fails where another one is at work, so ours wait for each other.
    await run('flock', [join(toolsFolder(), 'apt.lock'), 'sh', '-c', aptGet], options);
  } catch (cause) {
    throw new Error(`apt-get could not install ${packageName}:\n${(cause as { stderr?: string }).stderr ?? ''}`, {
      cause,
    });
  }
}

/** The first of `programs` that is on the PATH; else, where we may install it, the one that Debian's package brings. */
export async function program(
  programs: readonly string[],
  packageName: string,
  say: (line: string) => void,
): Promise<string> {
  const mayInstall = onPath('apt-get') !== null && process.getuid?.() === 0;
  if (find(programs) === null && mayInstall) await install(packageName, say);
  const found = find(programs);
  if (found !== null) return found;
  throw new Error(
    `expected ${programs.join(' or ')} on the PATH, got none. Install it (Debian: apt install ${packageName}).`,
  );
}
