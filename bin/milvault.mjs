#!/usr/bin/env node
/** The `milvault` command: what `npm run build` made, or else the sources, with packages installed where they are missing. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bootstrap } from '../scripts/bootstrap.mjs';

const at = (path) => new URL(path, import.meta.url);
const built = at('../apps/cli/dist/main.js');

if (existsSync(built)) await import(built.href);
else await bootstrap(fileURLToPath(at('../apps/cli/src/main.ts')), process.argv.slice(2));
