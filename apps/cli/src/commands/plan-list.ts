import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import type { Globals } from '../options.ts';
import { planTable } from '../output/plans.ts';

export const planList: CommandFactory = (cli, print) =>
  command({
    name: 'list',
    about: 'List the plans. Each with what it protects, when it is due next, and its last good backup.',
    globals: ['json', 'config'],
    examples: ['milvault plan list', 'milvault plan list --json'],
  }).action(
    backendAction<Globals>(cli, print, async (backend) => {
      const plans = await backend.plans();
      return answer({ plans, total: plans.length }, planTable(plans, cli.terminal.style));
    }),
  );
