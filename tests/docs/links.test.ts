import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { localLinks } from '../support/markdown.ts';

const inDocs = (await readdir('docs', { recursive: true })).map((file) => join('docs', file));
const pages = [...(await readdir('.')), ...inDocs].filter((file) => file.endsWith('.md'));

describe('links between pages', () => {
  it.each(pages)('%s leads to files that exist', async (page) => {
    const broken = (await localLinks(page)).filter((target) => !existsSync(join(dirname(page), target)));
    expect(broken).toEqual([]);
  });
});
