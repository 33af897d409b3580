import { CONSISTENCIES, type Backup, type Consistency, type EngineKind, type StartBackup } from '@milvault/shared';
import { Option } from 'commander';
import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { collectionsOption, milvusStorageOption, type Globals } from '../options.ts';
import { createdText } from '../output/backups.ts';
import { resultOf, runToEnd } from '../runs.ts';
import { queued, repositoryOf } from './parts.ts';

interface Options extends Globals {
  readonly source?: string;
  readonly collections?: string[];
  readonly type: 'full' | 'incremental';
  readonly engine: 'auto' | EngineKind;
  readonly milvusStorage?: string;
  readonly base: 'last' | 'full';
  readonly consistency: Consistency;
  readonly verify: '0' | '1' | '2' | '3' | 'none';
  readonly wait?: true;
}

const request = (options: Options): StartBackup => ({
  ...(options.source === undefined ? {} : { source: options.source }),
  ...repositoryOf(options),
  ...(options.collections === undefined ? {} : { collections: options.collections }),
  type: options.type,
  engine: options.engine,
  base: options.base,
  consistency: options.consistency,
  verify: options.verify === 'none' ? null : (Number(options.verify) as 0 | 1 | 2 | 3), // The choices of the option are these digits.
});

export const backupCreate: CommandFactory = (cli, print) =>
  command({
    name: 'create',
    about:
      'Take a backup. Without --wait it is queued and the id of its run is printed; with --wait or --local the ' +
      'command ends when the backup is complete. With --local an empty or missing folder becomes a repository.',
    globals: ['json', 'local', 'repo', 'config', 'tokenFile'],
    examples: [
      'milvault backup create --wait',
      'milvault backup create --source production --collections films,people --repo main --wait --json',
      'milvault backup create --local --source 127.0.0.1:19530 --repo ./backups',
      'milvault backup create --local --source 127.0.0.1:19530 --milvus-storage /var/lib/milvus/data --repo ./backups',
    ],
  })
    .option('--source <name|address>', 'Milvus to back up (default: the only one configured)')
    .addOption(
      collectionsOption('name, database.name, database.* or *; comma-separated or repeated (default: * for all)'),
    )
    .addOption(new Option('--type <type>', 'what to take').choices(['full', 'incremental']).default('full'))
    .addOption(
      new Option('--engine <engine>', 'how the data leaves Milvus')
        .choices(['auto', 'rows', 'segments'])
        .default('auto'),
    )
    .addOption(milvusStorageOption())
    .addOption(
      new Option('--base <base>', 'what an incremental is taken against').choices(['last', 'full']).default('last'),
    )
    .addOption(
      new Option('--consistency <label>', 'the least that the backup must be worth as a point in time')
        .choices(CONSISTENCIES)
        .default('fuzzy'),
    )
    .addOption(
      new Option('--verify <level>', 'check right after; see `milvault backup verify --help`')
        .choices(['0', '1', '2', '3', 'none'])
        .default('2'),
    )
    .option('--wait', 'wait until the backup is complete')
    .action(
      backendAction<Options>(
        cli,
        print,
        async (backend, { options }) => {
          const run = await backend.start('backup', request(options));
          if (options.wait !== true && options.local !== true) return queued(run);
          const backup = resultOf<Backup>(await runToEnd(cli, backend, run));
          return answer(backup, createdText(backup, cli.terminal.style));
        },
        (options) => ({
          createRepository: true,
          ...(options.milvusStorage === undefined ? {} : { milvusStorage: options.milvusStorage }),
          ...(options.source === undefined ? {} : { sources: [options.source] }),
        }),
      ),
    );
