import { fail, type MilvaultError } from '@milvault/shared';
import type { Command, CommanderError } from 'commander';
import { pathOf } from './command.ts';

/** The command that a line speaks of, as far as its words can be followed. */
function meant(program: Command, argv: readonly string[]): Command {
  let command = program;
  for (const word of argv) command = command.commands.find((inner) => inner.name() === word) ?? command;
  return command;
}

/** What commander found wrong with a line, in our words: which command, what was expected, where to read on. */
export function usageFault(error: CommanderError, program: Command, argv: readonly string[]): MilvaultError {
  const command = meant(program, argv);
  const path = pathOf(command);
  const next = `See \`${path} --help\``;
  if (error.code === 'commander.help' || error.code === 'commander.unknownCommand') {
    const words = command.commands.map((inner) => inner.name());
    const got = argv.find((word) => !word.startsWith('-') && !path.split(' ').includes(word));
    return fail('REQUEST_INVALID', {
      what: `\`${path}\` needs ${got === undefined ? 'one more word' : 'another word'}`,
      expected: words.join(', '),
      got: got === undefined ? 'nothing' : `${got}${suggestion(error.message)}`,
      next,
    });
  }
  const code = error.code === 'commander.unknownOption' ? 'OPTION_UNSUPPORTED' : 'REQUEST_INVALID';
  return fail(code, { what: `\`${path}\`: ${sentence(error.message)}`, next });
}

const SUGGESTION = /\s*\((Did you mean [^)]*\?)\)/;

const suggestion = (message: string): string => {
  const found = SUGGESTION.exec(message)?.[1];
  return found === undefined ? '' : ` (${found})`;
};

/** Commander's message without its `error:` and its line break. */
const sentence = (message: string): string =>
  `${message
    .replace(SUGGESTION, '')
    .replace(/^error: /, '')
    .trim()}${suggestion(message)}`;
