import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import type { Globals } from '../options.ts';
import { backupTable, unreadText } from '../output/backups.ts';
import { repositoryOf } from './parts.ts';

interface Options extends Globals {
  readonly plan?: string;
}

export const backupList: CommandFactory = (cli, print) =>
  command({
    name: 'list',
    about:
      'List the complete backups, newest first. An unfinished backup is never listed; a repository that cannot be read is named, and makes the exit code 1.',
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
        const plan = options.plan === undefined ? {} : { plan: options.plan };
        const { backups, unread } =
          options.repo === undefined
            ? await backend.survey(plan)
            : { backups: await backend.backups({ ...plan, ...repositoryOf(options) }), unread: [] };
        const { style } = cli.terminal;
        const text = `${backupTable(backups, style)}${unreadText(unread, style)}`;
        return answer({ backups, total: backups.length, unread }, text, unread.length === 0);
      }),
    );
