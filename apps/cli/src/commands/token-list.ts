import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import type { Globals } from '../options.ts';
import { tokenTable } from '../output/access.ts';

export const tokenList: CommandFactory = (cli, print) =>
  command({
    name: 'list',
    about: 'List the tokens. Each with its role, its end and when it was last used; never the token itself.',
    globals: ['json', 'config'],
    examples: ['milvault token list', 'milvault token list --json'],
  }).action(
    backendAction<Globals>(cli, print, async (backend) => {
      const tokens = await backend.tokens();
      return answer({ tokens, total: tokens.length }, tokenTable(tokens, cli.clock.now(), cli.terminal.style));
    }),
  );
