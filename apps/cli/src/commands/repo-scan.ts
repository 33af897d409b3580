import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import type { Globals } from '../options.ts';
import { repositoryText } from '../output/repository.ts';
import { repositoryOf } from './parts.ts';

export const repoScan: CommandFactory = (cli, print) =>
  command({
    name: 'scan',
    about: 'Tell what a repository holds. Read from its own files alone, with the space that is left.',
    globals: ['json', 'local', 'repo', 'config'],
    examples: ['milvault repo scan', 'milvault repo scan --local --repo ./backups --json'],
  }).action(
    backendAction<Globals>(cli, print, async (backend, { options }) => {
      const repository = await backend.repository(repositoryOf(options).repository);
      return answer(repository, repositoryText(repository, cli.terminal.style), repository.damages.length === 0);
    }),
  );
