import type { RestoreReport, StartRestore } from '@milvault/shared';
import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import {
  collectionsOption,
  milvusStorageOption,
  partitionsOption,
  renameOption,
  requireId,
  suffixOption,
} from '../options.ts';
import { restoredWhole, restoreText } from '../output/reports.ts';
import { resultOf, runToEnd } from '../runs.ts';
import { queued, repositoryOf, waitOptions, waits, type WaitOptions } from './parts.ts';

interface Options extends WaitOptions {
  readonly to: string;
  readonly milvusStorage?: string;
  readonly suffix?: string;
  readonly rename?: Record<string, string>;
  readonly collections?: string[];
  readonly partitions?: string[];
  readonly aliases?: true;
  readonly salvage?: true;
}

const request = (backup: string, options: Options): StartRestore => ({
  backup,
  ...repositoryOf(options),
  target: options.to,
  collections: options.collections ?? [],
  partitions: options.partitions ?? [],
  suffix: options.suffix ?? null,
  rename: options.rename ?? {},
  aliases: options.aliases === true,
  salvage: options.salvage === true,
});

export const restore: CommandFactory = (cli, print) => {
  const [wait, noWait] = waitOptions();
  return command({
    name: 'restore',
    about:
      'Restore a backup under new names. A collection that is there already is never touched; a restored one gets its ' +
      'name only when every row was read back and is equal.',
    globals: ['json', 'local', 'repo', 'config', 'tokenFile'],
    examples: [
      'milvault restore full_20261122_020000 --to production --suffix _old',
      'milvault restore full_20261122_020000 --to 127.0.0.1:19530 --rename films=films_2 --collections films',
      'milvault restore full_20261122_020000 --to 127.0.0.1:19530 --local --repo ./backups --json',
    ],
  })
    .argument('<backup>', 'id or name')
    .requiredOption('--to <name|address>', 'Milvus to restore into')
    .addOption(milvusStorageOption())
    .addOption(suffixOption())
    .addOption(renameOption())
    .addOption(collectionsOption('only these of the backup, name or database.name (default: all)'))
    .addOption(partitionsOption())
    .option('--aliases', 'put the aliases back too')
    .option('--salvage', 'of a damaged backup, restore all that is whole, tell what is lost, and end with exit code 1')
    .addOption(wait)
    .addOption(noWait)
    .action(
      backendAction<Options>(
        cli,
        print,
        async (backend, { options, args }) => {
          const run = await backend.start('restore', request(requireId(args[0] ?? '', 'backup'), options));
          if (!waits(options)) return queued(run);
          const report = resultOf<RestoreReport>(await runToEnd(cli, backend, run));
          return answer(report, restoreText(report, cli.terminal.style), restoredWhole(report));
        },
        (options) => ({
          sources: [options.to],
          ...(options.milvusStorage === undefined ? {} : { milvusStorage: options.milvusStorage }),
        }),
      ),
    );
};
