import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../parts/paths.ts';
import { buildPage, PAGE } from './page.ts';

/** Our packages are entered by their source: there is no build of their own to go stale. */
const aliases = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await readdir(join(ROOT, 'packages'))).map((name) => [
      `@milvault/${name}`,
      join(ROOT, 'packages', name, 'src', 'index.ts'),
    ]),
  );

const sourceOf = (app: string): string => join(ROOT, 'apps', app, 'src', 'main.ts');

/** The built program of an app. */
export const builtApp = (app: string): string => join(ROOT, 'apps', app, 'dist', 'main.js');

/** Another process may start the program meanwhile: it finds the old one or the new one, never half of it. */
async function replace(path: string, contents: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}`;
  await writeFile(aside, contents);
  await rename(aside, path);
}

async function buildApp(app: string, alias: Record<string, string>): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [sourceOf(app)],
    outfile: builtApp(app),
    absWorkingDir: ROOT,
    alias,
    packages: 'external',
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    write: false,
    logLevel: 'warning',
  });
  await Promise.all(outputFiles.map((file) => replace(file.path, file.contents)));
}

/**
 * Makes one file of each app, with our packages in it and npm's outside, and the admin page, which is no program.
 * Returns the apps' names.
 */
export async function buildApps(): Promise<string[]> {
  const alias = await aliases();
  const apps = await readdir(join(ROOT, 'apps'));
  await Promise.all(apps.map((app) => (app === PAGE ? buildPage() : buildApp(app, alias))));
  return apps;
}
