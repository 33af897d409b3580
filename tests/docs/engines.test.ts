import { readFile } from 'node:fs/promises';
import { createEngines, engineKinds } from '@milvault/engines';
import { CONSISTENCIES } from '@milvault/shared';
import { expect, test } from 'vitest';
import { engineDeps } from '../support/engine-run.ts';

const page = await readFile(new URL('../../docs/engines.md', import.meta.url), 'utf8');

/** Cells of the rows of the table whose first column has this head. */
function tableOf(head: string): string[][] {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

const word = (yes: boolean): string => (yes ? 'yes' : 'no');

test('the table of engines has each one, in the order in which auto takes them, with what it can', () => {
  const engines = createEngines(engineDeps);
  const expected = engineKinds().map((kind) => {
    const { incremental, partitions, consistency } = engines.get(kind).abilities;
    return [`\`${kind}\``, word(incremental), word(partitions), `\`${consistency}\``];
  });
  expect(tableOf('engine').map(([kind, , , ...abilities]) => [kind, ...abilities])).toEqual(expected);
});

test('the table of labels has each one, best first', () => {
  expect(tableOf('label').map(([label]) => label)).toEqual(CONSISTENCIES.map((label) => `\`${label}\``));
});
