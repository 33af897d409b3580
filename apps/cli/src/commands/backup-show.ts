import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { requireId, type Globals } from '../options.ts';
import { backupText } from '../output/backups.ts';
import { repositoryOf } from './parts.ts';

export const backupShow: CommandFactory = (cli, print) =>
  command({
    name: 'show',
    about:
      'Show all that is known of one backup. That is its collections, its chain, what it stores and what it borrows, checks and warnings.',
    globals: ['json', 'local', 'repo', 'config'],
    examples: ['milvault backup show full_20261122_020000', 'milvault backup show 01kapj… --local --repo ./backups'],
  })
    .argument('<backup>', 'id or name')
    .action(
      backendAction<Globals>(cli, print, async (backend, { options, args }) => {
        const backup = await backend.backup(requireId(args[0] ?? '', 'backup'), repositoryOf(options).repository);
        const all = await backend.backups(repositoryOf(options));
        return answer(backup, backupText(backup, all, cli.terminal.style));
      }),
    );
