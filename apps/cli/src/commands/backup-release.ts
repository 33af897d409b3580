import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { requireId, type Globals } from '../options.ts';
import { repositoryOf } from './parts.ts';

export const backupRelease: CommandFactory = (cli, print) =>
  command({
    name: 'release',
    about: 'Release a backup that was on hold. The next clean-up judges it like any other.',
    globals: ['json', 'local', 'repo', 'config'],
    examples: ['milvault backup release full_20261101_020000'],
  })
    .argument('<backup>', 'id or name')
    .action(
      backendAction<Globals>(cli, print, async (backend, { options, args }) => {
        const id = requireId(args[0] ?? '', 'backup');
        const backup = await backend.releaseBackup(id, repositoryOf(options).repository);
        return answer(backup, `${cli.terminal.style.good('released')} Backup ${backup.name}\n`);
      }),
    );
