import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { requireId, type Globals } from '../options.ts';
import { runText } from '../output/runs.ts';

export const runShow: CommandFactory = (cli, print) =>
  command({
    name: 'show',
    about: 'Show one run. It tells what was asked, how far it is, and what came of it or why it failed.',
    globals: ['json', 'config'],
    examples: ['milvault run show 01kapjm4sv3m9w0c6q4y7x2z1a'],
  })
    .argument('<run>', 'id')
    .action(
      backendAction<Globals>(cli, print, async (backend, { args }) => {
        const run = await backend.run(requireId(args[0] ?? '', 'run'));
        return answer(run, runText(run, cli.terminal.style));
      }),
    );
