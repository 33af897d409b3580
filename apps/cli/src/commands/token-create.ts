import { ROLES, type Role } from '@milvault/shared';
import { Option } from 'commander';
import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { requireId, wholeNumber, type Globals } from '../options.ts';
import { instant } from '../output/text.ts';

interface Options extends Globals {
  readonly role: Role;
  readonly days?: number;
}

const DAY_MS = 24 * 3_600_000;

export const tokenCreate: CommandFactory = (cli, print) =>
  command({
    name: 'create',
    about:
      'Make a token for the API. It stands alone on standard output, this once: nobody can show it again. Needs the role ' +
      'admin.',
    globals: ['json', 'config'],
    examples: [
      'milvault token create grafana --role viewer',
      'milvault token create nightly --role operator --days 365',
    ],
  })
    .argument('<name>', 'of whom or what uses it, as the audit log will tell')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .addOption(
      new Option('--days <count>', 'it ends by itself after so many days (default: never)').argParser(
        wholeNumber(1, 36_500),
      ),
    )
    .action(
      backendAction<Options>(cli, print, async (backend, { options: { role, days, json }, args }) => {
        const expiresAt = days === undefined ? null : cli.clock.now() + days * DAY_MS;
        const made = await backend.makeToken({ name: requireId(args[0] ?? '', 'token'), role, expiresAt });
        if (json !== true) {
          const end = made.expiresAt === null ? '' : ` and ends at ${instant(made.expiresAt)}`;
          cli.terminal.err(`Token ${made.name} has the role ${made.role}${end}. Keep it now: it is not shown again\n`);
        }
        return answer(made, `${made.secret}\n`);
      }),
    );
