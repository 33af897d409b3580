import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { requireId, type Globals } from '../options.ts';

export const runCancel: CommandFactory = (cli, print) =>
  command({
    name: 'cancel',
    about: 'Stop a run that is queued or under way. It ends as cancelled soon after and leaves nothing behind.',
    globals: ['json', 'config'],
    examples: ['milvault run cancel 01kapjm4sv3m9w0c6q4y7x2z1a'],
  })
    .argument('<run>', 'id')
    .action(
      backendAction<Globals>(cli, print, async (backend, { args }) => {
        const run = await backend.cancel(requireId(args[0] ?? '', 'run'));
        return answer(run, `Run ${run.id} is told to stop\n`);
      }),
    );
