/** `npm run build`: each app becomes one file, `apps/<app>/dist/main.js`, with our packages in it and npm's outside. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './parts/paths.ts';

const start = performance.now();

/** Our packages are entered by their source: there is no build of their own to go stale. */
const packages = await readdir(join(ROOT, 'packages'));
const alias = Object.fromEntries(
  packages.map((name) => [`@milvault/${name}`, join(ROOT, 'packages', name, 'src', 'index.ts')]),
);
const apps = (await readdir(join(ROOT, 'apps'))).filter((app) => existsSync(join(ROOT, 'apps', app, 'src', 'main.ts')));

await Promise.all(
  apps.map(async (app) => {
    const folder = join(ROOT, 'apps', app, 'dist');
    await rm(folder, { recursive: true, force: true });
    await build({
      entryPoints: [join(ROOT, 'apps', app, 'src', 'main.ts')],
      outfile: join(folder, 'main.js'),
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
console.log(`built ${apps.join(', ')} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
