import { Option } from 'commander';
import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { wholeNumber, type Globals } from '../options.ts';
import { auditTable } from '../output/access.ts';

interface Options extends Globals {
  readonly limit: number;
  readonly before?: string;
}

export const audit: CommandFactory = (cli, print) =>
  command({
    name: 'audit',
    about: 'Tell who changed what, and who was refused for lack of rights. Newest first. Needs the role admin.',
    globals: ['json', 'config'],
    examples: ['milvault audit', 'milvault audit --limit 500 --json'],
  })
    .addOption(new Option('--limit <count>', 'at most so many').argParser(wholeNumber(1, 1000)).default(50))
    .option('--before <id>', 'only older ones: `next` of the page before')
    .action(
      backendAction<Options>(cli, print, async (backend, { options: { limit, before } }) => {
        const page = await backend.audit({ limit, ...(before === undefined ? {} : { before }) });
        return answer(page, auditTable(page, cli.terminal.style));
      }),
    );
