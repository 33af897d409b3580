import { toErrorRecord, type Backup, type ErrorRecord, type VerifyReport } from '@milvault/shared';
import { Option } from 'commander';
import { answer } from '../answer.ts';
import type { Backend } from '../backend.ts';
import type { Cli } from '../cli.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import type { Globals } from '../options.ts';
import { checkText, type Checked } from '../output/repository.ts';
import { resultOf, runToEnd } from '../runs.ts';

interface Options extends Globals {
  readonly level: '0' | '1' | '2' | '3';
}

export const repoCheck: CommandFactory = (cli, print) =>
  command({
    name: 'check',
    about:
      'Check every backup of a repository. One that is damaged does not stop the others, and ' +
      'ends with exit code 1.',
    globals: ['json', 'local', 'repo', 'config'],
    examples: ['milvault repo check --level 1', 'milvault repo check --level 3 --local --repo ./backups --json'],
  })
    .addOption(
      new Option('--level <level>', '0 structure, 1 sizes, 2 stored hashes, 3 decode and count')
        .choices(['0', '1', '2', '3'])
        .default('2'),
    )
    .action(
      backendAction<Options>(cli, print, async (backend, { options }) => {
        // A damaged record may hide a backup, which then stands in no list.
        const { name, damages } = await backend.repository(options.repo);
        const checked: Checked[] = [];
        for (const backup of await backend.backups({ repository: name })) {
          checked.push(await checkOne(cli, backend, backup, Number(options.level)));
        }
        const result = damages.length > 0 ? 'damaged' : worst(checked);
        const text = checkText(checked, damages, cli.terminal.style);
        return answer({ result, checked, total: checked.length, damages }, text, result === 'ok');
      }),
    );

async function checkOne(cli: Cli, backend: Backend, backup: Backup, level: number): Promise<Checked> {
  const about = { backup: backup.id, name: backup.name };
  try {
    const run = await backend.start('verify', { backup: backup.id, repository: backup.repository, level });
    const report = resultOf<VerifyReport>(await runToEnd(cli, backend, run));
    return { ...about, result: report.result, report, error: null };
  } catch (thrown) {
    // Told beside the others' results; only a stop of the command ends the whole check.
    cli.signal.throwIfAborted();
    const error: ErrorRecord = toErrorRecord(thrown);
    return { ...about, result: 'unknown', report: null, error };
  }
}

const worst = (checked: readonly Checked[]): VerifyReport['result'] => {
  if (checked.some(({ result }) => result === 'damaged')) return 'damaged';
  return checked.some(({ result }) => result === 'unknown') ? 'unknown' : 'ok';
};
