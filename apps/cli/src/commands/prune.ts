import type { CleanupReport } from '@milvault/repository';
import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { cleanupText } from '../output/cleanup.ts';
import { resultOf, runToEnd } from '../runs.ts';
import { queued, repositoryOf, waitOptions, waits, type WaitOptions } from './parts.ts';

interface Options extends WaitOptions {
  readonly dryRun?: true;
  readonly force?: true;
}

export const prune: CommandFactory = (cli, print) => {
  const [wait, noWait] = waitOptions();
  return command({
    name: 'prune',
    about:
      'Remove what the plans no longer keep. Also what unfinished backups left behind. Never takes a backup that a ' +
      'kept one needs, nor the last good one, nor one on hold; each decision comes with its reason. Where most backups ' +
      'of a plan would go at once, all of them stay until you add --force.',
    globals: ['json', 'local', 'repo', 'config'],
    examples: [
      'milvault prune --dry-run',
      'milvault prune --repo main',
      'milvault prune --dry-run --local --repo ./backups --json',
    ],
  })
    .option('--dry-run', 'only tell what would be removed, and why: the same code, without the removal')
    .option('--force', 'remove even where most backups of a plan would go at once')
    .addOption(wait)
    .addOption(noWait)
    .action(
      backendAction<Options>(cli, print, async (backend, { options }) => {
        const run = await backend.start('cleanup', {
          ...repositoryOf(options),
          dryRun: options.dryRun === true,
          ...(options.force === true ? { force: true } : {}),
        });
        if (!waits(options)) return queued(run);
        const report = resultOf<CleanupReport>(await runToEnd(cli, backend, run));
        return answer(
          report,
          cleanupText(report, cli.terminal.style),
          report.failed.length === 0 && report.guarded.length === 0,
        );
      }),
    );
};
