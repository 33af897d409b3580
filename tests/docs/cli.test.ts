import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../apps/cli/src/answer.ts';
import { createProgram } from '../../apps/cli/src/program.ts';
import { plainStyle } from '../../apps/cli/src/terminal.ts';
import { systemClock } from '@milvault/shared';
import { commandReference, leavesOf } from '../support/cli-reference.ts';
import { milvault } from '../support/cli.ts';

const DOC = join(import.meta.dirname, '../../docs/cli.md');
const doc = readFileSync(DOC, 'utf8');
const [OPEN, CLOSE] = ['<!-- commands -->\n', '<!-- /commands -->\n'] as const;
const before = doc.slice(0, doc.indexOf(OPEN));

const terminal = {
  out: () => undefined,
  err: () => undefined,
  columns: 100,
  live: false,
  confirm: null,
  style: plainStyle,
  errStyle: plainStyle,
};
const program = createProgram(
  {
    terminal,
    clock: systemClock,
    env: {},
    folder: '/',
    signal: new AbortController().signal,
    open: () => Promise.reject(new Error('opened')),
    examine: () => Promise.reject(new Error('examined')),
  },
  () => undefined,
);

/** Lines of the page, and the examples of each command's help, that start with the command. */
const typed = (text: string): string[] =>
  text.split('\n').flatMap((line) => /(?:^|\$\()\s*(milvault [^)|>]*)/.exec(line)?.[1]?.trim() ?? []);

test('the page lists every command, option, choice and default, and nothing else (vitest -u writes it)', async () => {
  expect(doc).toContain(OPEN);
  await expect(`${before}${OPEN}\n${commandReference(program)}\n${CLOSE}`).toMatchFileSnapshot(DOC);
});

test('the page tells the exit codes', () => {
  for (const code of Object.values(EXIT)) expect(before).toMatch(new RegExp(`^\\| ${String(code)} \\|`, 'm'));
});

test('every example of the page and of the help pages is understood', async () => {
  const helps = await Promise.all(
    leavesOf(program).map(async (command) => {
      const words = [command.name()];
      for (let at = command.parent; at?.parent !== null && at !== null; at = at.parent) words.unshift(at.name());
      return (await milvault([...words, '--help'])).out;
    }),
  );
  const lines = [...typed(before), ...helps.flatMap(typed), ...typed((await milvault(['--help'])).out)];
  expect(lines.length).toBeGreaterThan(leavesOf(program).length);
  for (const line of lines) {
    const words = line.replaceAll('"', '').replace('$id', 'id').split(/\s+/).slice(1);
    const understood = (): Promise<never> => Promise.reject(new Error('understood'));
    const said = await milvault(words, { open: understood, examine: understood });
    // Commands that need no backend end by themselves.
    expect(`${line} -> ${said.out}${said.err}`).toMatch(/understood|config check|configuration/);
  }
});

test('every help page has an example and the exit codes', async () => {
  for (const command of leavesOf(program)) {
    const parent = command.parent?.parent === null ? [] : [command.parent?.name() ?? ''];
    const { out } = await milvault([...parent, command.name(), '--help']);
    expect(out).toMatch(/Examples:\n {2}milvault /);
    expect(out).toContain('Exit codes:');
  }
});
