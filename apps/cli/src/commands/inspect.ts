import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { collectionsOption, type Globals } from '../options.ts';
import { inspectionText } from '../output/inspection.ts';

interface Options extends Globals {
  readonly source?: string;
  readonly collections?: string[];
}

export const inspect: CommandFactory = (cli, print) =>
  command({
    name: 'inspect',
    about: 'Look into a Milvus. Lists its collections and rows, and what a backup of it would not save.',
    globals: ['json', 'local', 'config', 'tokenFile'],
    examples: ['milvault inspect', 'milvault inspect --local --source 127.0.0.1:19530 --collections films --json'],
  })
    .option('--source <name|address>', 'Milvus to look into (default: the only one configured)')
    .addOption(
      collectionsOption('name, database.name, database.* or *; comma-separated or repeated (default: * for all)'),
    )
    .action(
      backendAction<Options>(
        cli,
        print,
        async (backend, { options }) => {
          const inspection = await backend.inspect(options.source, options.collections ?? []);
          return answer(inspection, inspectionText(inspection, cli.terminal.style));
        },
        (options) => (options.source === undefined ? {} : { sources: [options.source] }),
      ),
    );
