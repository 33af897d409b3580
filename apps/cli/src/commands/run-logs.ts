import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { requireId, type Globals } from '../options.ts';
import { printable } from '../output/table.ts';

export const runLogs: CommandFactory = (cli, print) =>
  command({
    name: 'logs',
    about: 'Print what a run logged.',
    globals: ['json', 'config'],
    examples: ['milvault run logs 01kapjm4sv3m9w0c6q4y7x2z1a'],
  })
    .argument('<run>', 'id')
    .action(
      backendAction<Globals>(cli, print, async (backend, { args }) => {
        const lines = await backend.logs(requireId(args[0] ?? '', 'run'));
        return answer({ lines }, lines.map((line) => `${printable(line)}\n`).join(''));
      }),
    );
