/** Writes what the documentation takes from the code: `npx tsx scripts/reference.ts`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REFERENCE_FILES } from './reference/files.ts';

const root = join(import.meta.dirname, '..');
for (const [name, make] of Object.entries(REFERENCE_FILES)) {
  const path = join(root, name);
  const present = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const text = make(present);
  if (text === present) continue;
  writeFileSync(path, text);
  console.log(`wrote ${name}`);
}
