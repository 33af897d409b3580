#!/usr/bin/env node
/** The `milvault` command: what `npm run build` made, or else the sources, with packages installed where they are missing. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => new URL(path, import.meta.url);
const built = at('../apps/cli/dist/main.js');

if (existsSync(built)) {
  await import(built.href);
} else {
  const bootstrap = at('../scripts/bootstrap.mjs');
  const source = fileURLToPath(at('../apps/cli/src/main.ts'));
  // The bootstrap is asked as if it had been typed: it knows a run from an import by the path of the program.
  process.argv = [process.argv[0], fileURLToPath(bootstrap), source, ...process.argv.slice(2)];
  await import(bootstrap.href);
}
