import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import type { Globals } from '../options.ts';
import { probeText } from '../output/probe.ts';

export const repoProbe: CommandFactory = (cli, print) =>
  command({
    name: 'probe',
    about:
      'Try on the store of a repository what backups stand on. It writes some thousand small objects below `probe/` and ' +
      'removes them again; backups are not touched. A store that breaks a promise ends with exit code 1.',
    globals: ['json', 'local', 'repo', 'config'],
    examples: ['milvault repo probe', 'milvault repo probe --local --repo s3://bucket/milvus --json'],
  }).action(
    backendAction<Globals>(cli, print, async (backend, { options }) => {
      const report = await backend.probeRepository(options.repo);
      return answer(report, probeText(report, cli.terminal.style), report.safe);
    }),
  );
