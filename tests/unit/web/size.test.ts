import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { BUILT_PAGE, buildPage } from '../../../scripts/build/page.ts';

interface Chunk {
  readonly file: string;
  readonly imports?: string[];
  readonly dynamicImports?: string[];
  readonly isEntry?: boolean;
}

const MOST_BYTES = 250_000;
let manifest: Record<string, Chunk>;

beforeAll(async () => {
  await buildPage();
  manifest = JSON.parse(await readFile(path.join(BUILT_PAGE, '.vite', 'manifest.json'), 'utf8')) as typeof manifest;
});

/** A chunk and all that must be there before it runs. */
function needed(key: string, known = new Set<string>()): Set<string> {
  if (known.has(key)) return known;
  known.add(key);
  for (const other of manifest[key]?.imports ?? []) needed(other, known);
  return known;
}

describe('the built page', () => {
  test('needs at most 250 kB of JavaScript, as it travels, for its first view', async () => {
    const files = [...needed('index.html'), ...needed('src/pages/overview/overview.tsx')].map(
      (key) => manifest[key]?.file ?? '',
    );
    const sizes = await Promise.all(
      [...new Set(files)].map(async (file) => gzipSync(await readFile(path.join(BUILT_PAGE, file))).length),
    );
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(10_000);
    expect(total).toBeLessThanOrEqual(MOST_BYTES);
  });

  test('loads every page and every other language when it is wanted, not before', () => {
    const first = needed('index.html');
    const later = Object.keys(manifest).filter((key) => /^src\/(pages\/.*\.tsx|text\/zh\.ts)$/.test(key));
    expect(later.length).toBeGreaterThanOrEqual(6);
    expect(later.filter((key) => first.has(key))).toEqual([]);
  });

  test('has no script and no style in the page itself, which the content security policy would refuse', async () => {
    const html = await readFile(path.join(BUILT_PAGE, 'index.html'), 'utf8');
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(html).not.toMatch(/\bon\w+=|javascript:|https?:\/\//);
    expect([...html.matchAll(/(?:src|href)="([^"]+)"/g)].every(([, target]) => target?.startsWith('/assets/'))).toBe(
      true,
    );
  });
});
