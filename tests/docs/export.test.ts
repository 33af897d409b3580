import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DATA_TYPES, ExportRecord } from '@milvault/shared';
import { expect, test } from 'vitest';
import { exportAll } from '../support/exports.ts';
import { temporaryFolder } from '../support/folder.ts';
import { repositoryInFolder, takeBackup } from '../support/repository.ts';
import { servers } from '../support/servers.ts';

const page = await readFile('docs/export.md', 'utf8');
const examples = [...page.matchAll(/```python\n([^`]+)```/g)].map((match) => match[1] ?? '');

test('the examples read an export', async () => {
  const { repository } = await repositoryInFolder();
  const { id } = await takeBackup(repository, { rows: 1000, rowsPerChunk: 400 });
  const folder = await temporaryFolder();
  await exportAll(repository, id, join(folder, 'out'));
  const said = [];
  for (const example of examples) {
    said.push((await promisify(execFile)(servers().python, ['-c', example], { cwd: folder })).stdout);
  }
  const [duckdb, pandas] = said;
  expect(duckdb).toMatch(/1 +│ Film 1 é +│ 1901 +│ +1\.0/);
  expect(pandas).toMatch(/^1000 800 \[1\.0, -1\.0, 0\.3333/);
});

test('the table of types names each type', () => {
  const types = page.slice(page.indexOf('## Types'), page.indexOf('## What is checked'));
  for (const type of Object.keys(DATA_TYPES)) expect(types).toContain(type);
});

test('the table of export.json names each of its members', () => {
  for (const name of Object.keys(ExportRecord.properties)) expect(page).toContain(`\`${name}`);
});
