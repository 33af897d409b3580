import { RunKind, RunState } from '@milvault/shared';
import { Option } from 'commander';
import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { wholeNumber, type Globals } from '../options.ts';
import { runTable } from '../output/runs.ts';

interface Options extends Globals {
  readonly kind?: RunKind;
  readonly state?: RunState;
  readonly plan?: string;
  readonly limit: number;
  readonly offset: number;
}

const KINDS = RunKind.anyOf.map((kind) => kind.const);
const STATES = RunState.anyOf.map((state) => state.const);

export const runList: CommandFactory = (cli, print) =>
  command({
    name: 'list',
    about: 'List the runs, newest first. A run is one backup, check, drill, restore, clean-up or health check.',
    globals: ['json', 'config'],
    examples: ['milvault run list', 'milvault run list --state failed --limit 5 --json'],
  })
    .addOption(new Option('--kind <kind>', 'only runs of this kind').choices(KINDS))
    .addOption(new Option('--state <state>', 'only runs in this state').choices(STATES))
    .option('--plan <name>', 'only runs of this plan')
    .addOption(new Option('--limit <count>', 'at most so many').argParser(wholeNumber(1, 500)).default(20))
    .addOption(new Option('--offset <count>', 'leave out so many').argParser(wholeNumber(0, 1e9)).default(0))
    .action(
      backendAction<Options>(cli, print, async (backend, { options: { kind, state, plan, limit, offset } }) => {
        const found = await backend.runs({
          ...(kind === undefined ? {} : { kind }),
          ...(state === undefined ? {} : { state }),
          ...(plan === undefined ? {} : { plan }),
          limit,
          offset,
        });
        return answer(found, runTable(found.runs, found.total, cli.terminal.style));
      }),
    );
