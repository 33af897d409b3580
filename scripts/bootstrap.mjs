/**
 * The door of every npm verb: `node scripts/bootstrap.mjs <file.ts> [args]` checks Node, installs the packages of
 * package-lock.json where they are missing or stale, and then runs the TypeScript file in this very process.
 * Plain JavaScript without a dependency, because on a fresh clone there is nothing else yet.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LEAST_NODE = [20, 20];

/** Says what to do instead of a stack trace, and ends. */
function giveUp(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
  giveUp(
    `milvault needs Node >= ${LEAST_NODE.join('.')}, got ${process.versions.node}. Install a newer one from https://nodejs.org and run this again.`,
  );
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/**
 * True when node_modules holds every package of the lock file in its version. npm writes `node_modules/.package-lock.json`
 * last, so an install that was cut off does not fit. Optional packages may be absent: they are for other platforms.
 */
export function packagesFit(root) {
  const installedPath = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedPath)) return false;
  const installed = readJson(installedPath).packages;
  const wanted = readJson(join(root, 'package-lock.json')).packages;
  return Object.entries(wanted)
    .filter(([path]) => path.startsWith('node_modules/') || path.includes('/node_modules/'))
    .every(([path, entry]) =>
      installed[path] === undefined ? entry.optional === true : installed[path].version === entry.version,
    );
}

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

const holderOf = (lock) => {
  try {
    return Number(readFileSync(join(lock, 'pid'), 'utf8'));
  } catch {
    return null; // Just made: its pid is about to be written.
  }
};

/** One install at a time: the others wait for it, and find the packages there. A lock of a dead process is taken over. */
async function withLock(lock, work) {
  mkdirSync(dirname(lock), { recursive: true });
  for (let namelessFor = 0; ;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const holder = holderOf(lock);
      namelessFor = holder === null ? namelessFor + 1 : 0;
      if (namelessFor > 20 || (holder !== null && !alive(holder))) rmSync(lock, { recursive: true, force: true });
      else await new Promise((done) => setTimeout(done, 250));
    }
  }
  try {
    writeFileSync(join(lock, 'pid'), String(process.pid));
    return work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function install() {
  if (packagesFit(ROOT)) return; // Another process installed them while this one waited.
  process.stderr.write('Installing the packages of package-lock.json (once) ...\n');
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const done = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (done.status === 0) return;
  giveUp(`npm ${args.join(' ')} failed:\n${done.error?.message ?? ''}${done.stdout ?? ''}${done.stderr ?? ''}`);
}

/** Runs a TypeScript file in this process as if it had been started with `args`. */
export async function bootstrap(file, args) {
  checkNode();
  if (file === undefined) giveUp('usage: node scripts/bootstrap.mjs <file.ts> [arguments]');
  if (!packagesFit(ROOT)) await withLock(join(ROOT, '.milvault', 'install.lock'), install);
  const { register } = await import('tsx/esm/api');
  register();
  const path = resolve(file);
  process.argv = [process.argv[0], path, ...args];
  await import(pathToFileURL(path).href);
}

// The real path: a clone may be reached through a link, and then nothing must silently not run.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await bootstrap(process.argv[2], process.argv.slice(3));
}
