import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { onPath } from './on-path.ts';

const run = promisify(execFile);

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const find = (): string | null => NAMES.map(onPath).find((path) => path !== null) ?? null;

async function install(say: (line: string) => void): Promise<void> {
  say('Installing chromium with apt-get (once) ...');
  const options = { maxBuffer: 1e8, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  try {
    await run('apt-get', ['update'], options);
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], options);
  } catch (cause) {
    throw new Error(`apt-get could not install chromium:\n${(cause as { stderr?: string }).stderr ?? ''}`, { cause });
  }
}

/** A browser for the tests of what people see: CHROMIUM, else one on the PATH, else Debian's, where we may install it. */
export async function chromium(say: (line: string) => void): Promise<string> {
  const named = process.env['CHROMIUM'] ?? find();
  if (named !== null) return named;
  const mayInstall = onPath('apt-get') !== null && process.getuid?.() === 0;
  if (mayInstall) await install(say);
  const found = find();
  if (found !== null) return found;
  throw new Error(
    `expected a browser on the PATH (${NAMES.join(', ')}), got none. Install one, or name it in CHROMIUM.`,
  );
}
