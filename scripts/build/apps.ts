import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../parts/paths.ts';

/** Our packages are entered by their source: there is no build of their own to go stale. */
const aliases = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await readdir(join(ROOT, 'packages'))).map((name) => [
      `@milvault/${name}`,
      join(ROOT, 'packages', name, 'src', 'index.ts'),
    ]),
  );

/** The built program of an app. */
export const builtApp = (app: string): string => join(ROOT, 'apps', app, 'dist', 'main.js');

/** Makes one file of each app, with our packages in it and npm's outside. Returns the apps' names. */
export async function buildApps(): Promise<string[]> {
  const alias = await aliases();
  const source = (app: string): string => join(ROOT, 'apps', app, 'src', 'main.ts');
  const apps = (await readdir(join(ROOT, 'apps'))).filter((app) => existsSync(source(app)));
  await Promise.all(
    apps.map(async (app) => {
      await rm(join(ROOT, 'apps', app, 'dist'), { recursive: true, force: true });
      await build({
        entryPoints: [source(app)],
        outfile: builtApp(app),
        absWorkingDir: ROOT,
        alias,
        packages: 'external',
        bundle: true,
        format: 'esm',
        platform: 'node',
        target: 'node20',
        sourcemap: true,
        logLevel: 'warning',
      });
    }),
  );
  return apps;
}
