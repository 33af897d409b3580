import { fail, formatBytes } from '@milvault/shared';
import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { requireId, type Globals } from '../options.ts';
import { counted } from '../output/text.ts';
import { repositoryOf } from './parts.ts';

interface Options extends Globals {
  readonly yes?: true;
}

export const backupDelete: CommandFactory = (cli, print) =>
  command({
    name: 'delete',
    about:
      'Delete one backup for good. One that must stay, such as the last good one, is refused. On a terminal it asks ' +
      'first; in a script it does not.',
    globals: ['json', 'local', 'repo', 'config'],
    examples: [
      'milvault backup delete full_20261101_020000',
      'milvault backup delete full_20261101_020000 --yes --json',
    ],
  })
    .argument('<backup>', 'id or name')
    .option('--yes', 'do not ask')
    .action(
      backendAction<Options>(cli, print, async (backend, { options, args }) => {
        const { confirm, style } = cli.terminal;
        const backup = await backend.backup(requireId(args[0] ?? '', 'backup'), repositoryOf(options).repository);
        const what = `${backup.name} (${counted(backup.rows, 'row')}, ${formatBytes(backup.bytes.own)})`;
        if (options.yes !== true && confirm !== null && !(await confirm(`Delete backup ${what}?`, cli.signal))) {
          throw fail('RUN_CANCELLED', { what: 'Nothing was deleted', next: 'Answer y, or add --yes' });
        }
        await backend.removeBackup(backup.id, backup.repository);
        return answer(
          { id: backup.id, name: backup.name, removed: true },
          `${style.good('deleted')} ${style.bold(`Backup ${what}`)}\n`,
        );
      }),
    );
