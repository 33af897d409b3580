/**
 * The part of the dependency rule (eslint.layers.mjs) that the linter's `no-restricted-imports` does not see: `import()`
 * and `require()`, and folders of code that no layer speaks of. Plain JavaScript, as the rule itself is.
 */
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LAYERS, restrictions } from '../../eslint.layers.mjs';

const LOADS = /\b(?:import|require)\s*\(\s*(['"`])(?<name>[^'"`]+)\1/g;

const posix = (path) => path.split(sep).join('/');

const folders = (root) =>
  ['packages', 'apps'].flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`));

const sources = (root, folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => posix(relative(root, join(entry.parentPath, entry.name))))
    .filter((path) => !/\/(node_modules|dist)\//.test(path));

/** Faults of one file's text, as sentences. */
export function loadFaults(path, text) {
  const rules = restrictions(posix(dirname(path)));
  return [...text.matchAll(LOADS)].flatMap(({ groups: { name } }) =>
    rules
      .filter((rule) => new RegExp(rule.regex).test(name))
      .map((rule) => `${path}: import('${name}'): ${rule.message}`),
  );
}

export function layerFaults(root) {
  const known = (folder) => LAYERS.some((layer) => `${folder}/`.startsWith(`${layer.folder}/`));
  const unknown = folders(root).filter((folder) => !known(folder));
  const files = folders(root)
    .filter(known)
    .flatMap((folder) => sources(root, folder));
  return [
    ...unknown.map((folder) => `${folder}: no layer in eslint.layers.mjs says what it may import`),
    ...files.flatMap((path) => loadFaults(path, readFileSync(join(root, path), 'utf8'))),
  ];
}

// Imported by its test, it does nothing by itself.
if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const faults = layerFaults(join(dirname(fileURLToPath(import.meta.url)), '..', '..'));
  for (const fault of faults) console.log(fault);
  if (faults.length > 0) process.exitCode = 1;
}
