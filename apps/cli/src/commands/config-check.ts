import { configSummary, loadConfig } from '@milvault/shared';
import { answer } from '../answer.ts';
import { action, command, type CommandFactory } from '../command.ts';
import type { Globals } from '../options.ts';
import { configText } from '../output/config.ts';

export const configCheck: CommandFactory = (cli, print) =>
  command({
    name: 'check',
    about:
      'Check the configuration file and the environment. All faults are told at once, each with its path. Connects to ' +
      'nothing; secrets are not shown.',
    globals: ['json', 'config'],
    examples: ['milvault config check', 'milvault config check --config /etc/milvault/milvault.json --json'],
  }).action(
    action<Globals>(cli, print, async ({ options }) => {
      const config = await loadConfig({
        env: cli.env,
        folder: cli.folder,
        ...(options.config === undefined ? {} : { file: options.config }),
      });
      return answer(configSummary(config), configText(config, cli.terminal.style));
    }),
  );
