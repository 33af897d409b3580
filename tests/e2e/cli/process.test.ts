import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { createFilms } from '../../support/oracle/films.ts';
import { servers } from '../../support/servers.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const BIN = path.join(ROOT, 'bin/milvault.mjs');
const PTY = path.join(ROOT, 'tests/support/oracle/on_terminal.py');
/** Nothing of the tests' own surroundings. */
const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' };

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(command: string, args: readonly string[], cwd: string, more: Record<string, string> = {}) {
  const child = spawn(command, args, { cwd, env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { out: '', err: '' };
  child.stdout.on('data', (piece: Buffer) => (said.out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (said.err += piece.toString()));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, ...said })));
  return { child, said, ended };
}

const milvault = (args: readonly string[], cwd = ROOT) => start(process.execPath, [BIN, ...args], cwd);

const onTerminal = (
  args: readonly string[],
  cwd: string,
  more: Record<string, string>,
): Promise<{ code: number; shown: string }> =>
  new Promise((resolve, reject) => {
    const words = [PTY, '100', process.execPath, BIN, ...args];
    execFile(servers().python, words, { cwd, env: { ...env, TERM: 'xterm', ...more } }, (error, out) => {
      if (error === null) resolve(JSON.parse(out) as { code: number; shown: string });
      else reject(error);
    });
  });

test('the command answers on standard output, faults on standard error, and its exit code says which', async () => {
  const folder = await temporaryFolder();
  const [version, nowhere, wrong] = await Promise.all([
    milvault(['--version']).ended,
    milvault(['backup', 'list', '--local', '--repo', 'nowhere'], folder).ended,
    milvault(['backup', 'list', '--jsn'], folder).ended,
  ]);
  expect(version).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' });
  expect(nowhere).toMatchObject({ code: 1, out: '' });
  expect(nowhere.err).toMatch(/^error .*nowhere.* \(REPO_NOT_A_REPOSITORY\)\n/);
  expect(wrong).toMatchObject({ code: 2, out: '' });
  expect(wrong.err).toContain('Did you mean --json?');
});

test('a reader that has read enough is no fault', async () => {
  const { ended } = start('sh', ['-c', `"${process.execPath}" "${BIN}" --help | head -1`], ROOT);
  expect(await ended).toEqual({ code: 0, out: 'Usage: milvault [options] [command]\n', err: '' });
});

test('colours are shown on a terminal, and not with NO_COLOR', async () => {
  const folder = await temporaryFolder();
  const [coloured, plain] = await Promise.all([
    onTerminal(['config', 'check'], folder, {}),
    onTerminal(['config', 'check'], folder, { NO_COLOR: '1' }),
  ]);
  expect(coloured.shown).toMatch(/^\u001b\[32mok\u001b\[0m /);
  expect(plain.shown).toMatch(/^ok The configuration has no faults/);
  expect(plain.shown).not.toContain('\u001b');
});

test('a bar moves on a terminal while a backup is taken, and is gone at the end', async () => {
  const { lite, python } = servers();
  const name = `cli_bar_${randomBytes(4).toString('hex')}`;
  const films = createFilms(python);
  onTestFinished(() => films.drop(lite, name).then(() => undefined));
  await films.make(lite, name, 500);
  const words = ['backup', 'create', '--local', '--source', lite, '--repo', 'r', '--collections', name];
  const { code, shown } = await onTerminal(words, await temporaryFolder(), { NO_COLOR: '1' });
  expect(code).toBe(0);
  expect(shown).toContain('\r\u001b[Kbackup: ');
  expect(shown.slice(shown.lastIndexOf('\u001b[K') + 3)).toMatch(/^complete Backup full_\d{8}_\d{6}\r\n/);
});

test('Ctrl-C ends a backup with exit code 130 and leaves no half of it behind', async () => {
  const { milvus, python } = servers();
  const name = `cli_stop_${randomBytes(4).toString('hex')}`;
  const films = createFilms(python);
  onTestFinished(() => films.drop(milvus, name).then(() => undefined));
  await films.make(milvus, name, 500);
  const folder = await temporaryFolder();
  const words = ['backup', 'create', '--local', '--source', milvus, '--repo', 'r', '--collections', name];
  const { child, said, ended } = milvault(words, folder);
  await expect.poll(() => said.err, { timeout: 40_000, interval: 5 }).toContain('Made a new repository');
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, out: '', err: expect.stringContaining('(RUN_CANCELLED)') });
  expect(await milvault(['repo', 'init', '--local', '--repo', 'fresh'], folder).ended).toMatchObject({ code: 0 });
  const filesIn = async (place: string): Promise<string[]> =>
    (await readdir(path.join(folder, place), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(path.join(folder, place), path.join(entry.parentPath, entry.name)))
      .sort();
  expect(await filesIn('r')).toEqual(await filesIn('fresh'));
});
