import type { DrillReport } from '@milvault/shared';
import { answer, type Answer } from '../answer.ts';
import type { Backend } from '../backend.ts';
import { backendAction, command, type Call, type CommandFactory } from '../command.ts';
import { requireId } from '../options.ts';
import { drillText } from '../output/reports.ts';
import { resultOf, runToEnd } from '../runs.ts';
import { queued, repositoryOf, waitOptions, waits, type WaitOptions } from './parts.ts';

interface Options extends WaitOptions {
  readonly to?: string;
}

export const drill: CommandFactory = (cli, print) => {
  const [wait, noWait] = waitOptions();
  return command({
    name: 'drill',
    about:
      'Prove a backup by a trial restore. It goes into scratch collections, is compared with the backup row by row, ' +
      'searched, and dropped again; nothing else on the target is touched.',
    globals: ['json', 'local', 'repo', 'config', 'tokenFile'],
    examples: [
      'milvault drill full_20261122_020000',
      'milvault drill full_20261122_020000 --to 127.0.0.1:19540 --local --repo ./backups',
    ],
  })
    .argument('<backup>', 'id or name')
    .option('--to <name|address>', 'Milvus to restore into on trial (default: the one that the backup was taken from)')
    .addOption(wait)
    .addOption(noWait)
    .action(
      backendAction<Options>(
        cli,
        print,
        (backend, call) => drillBackup(backend, call, requireId(call.args[0] ?? '', 'backup'), call.options.to ?? null),
        (options) => (options.to === undefined ? {} : { sources: [options.to] }),
      ),
    );
};

/** Also level 4 of a check. */
export async function drillBackup(
  backend: Backend,
  { cli, options }: Call<WaitOptions>,
  backup: string,
  target: string | null,
): Promise<Answer> {
  const run = await backend.start('drill', { backup, ...repositoryOf(options), target });
  if (!waits(options)) return queued(run);
  const report = resultOf<DrillReport>(await runToEnd(cli, backend, run));
  return answer(report, drillText(report, cli.terminal.style), report.result === 'ok');
}
