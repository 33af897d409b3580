import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { packagesFit } from '../../../scripts/bootstrap.mjs';

const run = promisify(execFile);

type Lock = Record<string, { version: string; optional?: boolean }>;

let clone: string;

beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'milvault-clone-'));
  const folder = clone;
  onTestFinished(() => rm(folder, { recursive: true }));
});

async function locks(wanted: Lock, installed: Lock | null): Promise<void> {
  await writeFile(join(clone, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...wanted } }));
  if (installed === null) return;
  await mkdir(join(clone, 'node_modules'), { recursive: true });
  await writeFile(join(clone, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));
}

describe('the packages fit', () => {
  const wanted: Lock = {
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optional: true },
  };

  it('when each is there in its version', async () => {
    await locks(wanted, wanted);
    expect(packagesFit(clone)).toBe(true);
  });

  it('when only an optional one is absent: it is for another platform', async () => {
    await locks(wanted, { 'node_modules/a': { version: '1.0.0' } });
    expect(packagesFit(clone)).toBe(true);
  });

  it.each([
    ['nothing was installed', null],
    ['one is missing', { 'node_modules/b': { version: '2.0.0' } }],
    ['one has another version', { ...wanted, 'node_modules/a': { version: '1.0.1' } }],
    ['an optional one has another version', { ...wanted, 'node_modules/b': { version: '1.9.9' } }],
  ] as const)('not when %s', async (_, installed) => {
    await locks(wanted, installed);
    expect(packagesFit(clone)).toBe(false);
  });
});

describe('the bootstrap', () => {
  /** A clone without dependencies, whose installed tsx is ours. */
  async function bareClone(): Promise<void> {
    await mkdir(join(clone, 'scripts'));
    await cp('scripts/bootstrap.mjs', join(clone, 'scripts/bootstrap.mjs'));
    await writeFile(join(clone, 'package.json'), JSON.stringify({ type: 'module', name: 'bare', version: '1.0.0' }));
    await locks({}, {});
    await symlink(join(process.cwd(), 'node_modules/tsx'), join(clone, 'node_modules/tsx'));
  }

  it('runs TypeScript with its arguments and gives its exit code', async () => {
    await bareClone();
    await writeFile(
      join(clone, 'say.ts'),
      'const said: string[] = process.argv.slice(2); console.log(said.join("+")); process.exitCode = said.length;',
    );
    const ended = run(process.execPath, ['scripts/bootstrap.mjs', 'say.ts', 'a', 'b c'], { cwd: clone });
    await expect(ended).rejects.toMatchObject({ code: 2, stdout: 'a+b c\n' });
  });

  it('runs also where the clone is reached through a link', async () => {
    await bareClone();
    await writeFile(join(clone, 'say.ts'), 'console.log("ran")');
    const link = `${clone}-link`;
    await symlink(clone, link);
    onTestFinished(() => rm(link));
    const { stdout } = await run(process.execPath, [join(link, 'scripts/bootstrap.mjs'), join(link, 'say.ts')]);
    expect(stdout).toBe('ran\n');
  });

  it('installs what is missing once, however many start at the same time', async () => {
    await bareClone();
    await rm(join(clone, 'node_modules'), { recursive: true });
    await locks({ 'node_modules/tsx': { version: '0.0.0' } }, null);
    await writeFile(join(clone, 'say.ts'), 'console.log("ran")');
    // An npm that takes a while, counts itself, and installs.
    const npm = join(clone, 'bin/npm');
    await mkdir(join(clone, 'bin'));
    const tsx = join(process.cwd(), 'node_modules/tsx');
    await writeFile(
      npm,
      `#!/bin/sh\necho "$@" >> calls; sleep 0.5; mkdir node_modules; ln -s ${tsx} node_modules/tsx\n` +
        `echo '{"packages":{"node_modules/tsx":{"version":"0.0.0"}}}' > node_modules/.package-lock.json\n`,
      { mode: 0o755 },
    );
    const env = { ...process.env, PATH: `${join(clone, 'bin')}:${process.env['PATH'] ?? ''}` };
    const runs = [1, 2, 3].map(() => run(process.execPath, ['scripts/bootstrap.mjs', 'say.ts'], { cwd: clone, env }));
    expect((await Promise.all(runs)).map(({ stdout }) => stdout)).toEqual(['ran\n', 'ran\n', 'ran\n']);
    const { stdout: calls } = await run('cat', ['calls'], { cwd: clone });
    expect(calls).toBe('ci --include=dev --no-audit --no-fund --loglevel=error\n');
  });

  it('tells what npm said when the packages cannot be installed', async () => {
    await bareClone();
    await locks({ 'node_modules/a': { version: '1.0.0' } }, null);
    await mkdir(join(clone, 'bin'));
    await writeFile(join(clone, 'bin/npm'), '#!/bin/sh\necho no network >&2; exit 1\n', { mode: 0o755 });
    const env = { ...process.env, PATH: `${join(clone, 'bin')}:${process.env['PATH'] ?? ''}` };
    const ended = run(process.execPath, ['scripts/bootstrap.mjs', 'say.ts'], { cwd: clone, env });
    await expect(ended).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('no network') as unknown });
  });
});
