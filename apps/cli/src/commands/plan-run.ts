import type { Backup } from '@milvault/shared';
import { Option } from 'commander';
import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { requireId, type Globals } from '../options.ts';
import { createdText } from '../output/backups.ts';
import { resultOf, runToEnd } from '../runs.ts';
import { queued } from './parts.ts';

interface Options extends Globals {
  readonly type?: 'full' | 'incremental';
  readonly wait?: true;
}

export const planRun: CommandFactory = (cli, print) =>
  command({
    name: 'run',
    about: 'Take a backup as a plan says, now. Without --wait the id of its run is printed.',
    globals: ['json', 'config'],
    examples: ['milvault plan run nightly --wait', 'milvault plan run nightly --type full --json'],
  })
    .argument('<plan>', 'name of the plan')
    .addOption(
      new Option('--type <type>', 'what to take (default: what the plan schedules)').choices(['full', 'incremental']),
    )
    .option('--wait', 'wait until the backup is complete')
    .action(
      backendAction<Options>(cli, print, async (backend, { options, args }) => {
        const run = await backend.runPlan(requireId(args[0] ?? '', 'plan'), options.type);
        if (options.wait !== true) return queued(run);
        const backup = resultOf<Backup>(await runToEnd(cli, backend, run));
        return answer(backup, createdText(backup, cli.terminal.style));
      }),
    );
