import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import type { Globals } from '../options.ts';
import { backupTable } from '../output/backups.ts';
import { repositoryOf } from './parts.ts';

interface Options extends Globals {
  readonly plan?: string;
}

export const backupList: CommandFactory = (cli, print) =>
  command({
    name: 'list',
    about: 'List the complete backups, newest first. An unfinished backup is never listed.',
    globals: ['json', 'local', 'repo', 'config'],
    examples: [
      'milvault backup list',
      'milvault backup list --plan nightly',
      'milvault backup list --local --repo ./backups --json',
    ],
  })
    .option('--plan <name>', 'only the backups of this plan')
    .action(
      backendAction<Options>(cli, print, async (backend, { options }) => {
        const backups = await backend.backups({
          ...repositoryOf(options),
          ...(options.plan === undefined ? {} : { plan: options.plan }),
        });
        return answer({ backups, total: backups.length }, backupTable(backups, cli.terminal.style));
      }),
    );
