import { answer, type Answer } from '../answer.ts';
import type { Backend } from '../backend.ts';
import { backendAction, command, type Call, type CommandFactory } from '../command.ts';
import { requireId } from '../options.ts';
import { queued, repositoryOf, waitOptions, waits, type WaitOptions } from './parts.ts';
import { resultOf, runToEnd } from '../runs.ts';
import { Option } from 'commander';
import { verifyText } from '../output/reports.ts';
import type { VerifyReport } from '@milvault/shared';
import { drillBackup } from './drill.ts';

interface Options extends WaitOptions {
  readonly level: '0' | '1' | '2' | '3' | '4';
}

const [wait, noWait] = [0, 1] as const;

export const backupVerify: CommandFactory = (cli, print) => {
  const waiting = waitOptions();
  return command({
    name: 'verify',
    about:
      'Check a backup. Levels: 0 structure; 1 sizes; 2 stored hashes, every byte; 3 every row decoded and counted; ' +
      '4 the same as `milvault drill`. Damage is named and ends with exit code 1.',
    globals: ['json', 'local', 'repo', 'config'],
    examples: [
      'milvault backup verify full_20261122_020000 --level 3',
      'milvault backup verify full_20261122_020000 --local --repo ./backups --json',
    ],
  })
    .argument('<backup>', 'id or name')
    .addOption(new Option('--level <level>', 'how deep').choices(['0', '1', '2', '3', '4']).default('2'))
    .addOption(waiting[wait])
    .addOption(waiting[noWait])
    .action(backendAction<Options>(cli, print, verify));
};

async function verify(backend: Backend, call: Call<Options>): Promise<Answer> {
  const { cli, options, args } = call;
  const backup = requireId(args[0] ?? '', 'backup');
  if (options.level === '4') return drillBackup(backend, call, backup, null);
  const level = Number(options.level);
  const run = await backend.start('verify', { backup, ...repositoryOf(options), level });
  if (!waits(options)) return queued(run);
  const report = resultOf<VerifyReport>(await runToEnd(cli, backend, run));
  return answer(report, verifyText(report, cli.terminal.style), report.result === 'ok');
}
