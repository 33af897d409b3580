import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { requireId, type Globals } from '../options.ts';
import { repositoryOf } from './parts.ts';

interface Options extends Globals {
  readonly reason?: string;
}

export const backupHold: CommandFactory = (cli, print) =>
  command({
    name: 'hold',
    about: 'Keep one backup until it is released. Neither retention nor a person deletes it before that.',
    globals: ['json', 'local', 'repo', 'config'],
    examples: [
      'milvault backup hold full_20261101_020000 --reason audit',
      'milvault backup hold full_20261101_020000 --local --repo ./backups',
    ],
  })
    .argument('<backup>', 'id or name')
    .option('--reason <text>', 'why it must stay')
    .action(
      backendAction<Options>(cli, print, async (backend, { options, args }) => {
        const id = requireId(args[0] ?? '', 'backup');
        const backup = await backend.holdBackup(id, options.reason ?? null, repositoryOf(options).repository);
        return answer(backup, `${cli.terminal.style.good('held')} Backup ${backup.name} stays until it is released\n`);
      }),
    );
