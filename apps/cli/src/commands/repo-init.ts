import { fail } from '@milvault/shared';
import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import type { Globals } from '../options.ts';
import { repositoryText } from '../output/repository.ts';

export const repoInit: CommandFactory = (cli, print) =>
  command({
    name: 'init',
    about:
      'Make a repository of a missing or empty folder. A repository that is there already stays as it is; a folder ' +
      'with anything else in it is refused.',
    globals: ['json', 'local', 'repo', 'config'],
    examples: ['milvault repo init --repo main', 'milvault repo init --local --repo ./backups'],
  }).action(
    backendAction<Globals>(cli, print, async (backend, { options }) => {
      if (options.repo === undefined) {
        throw fail('REQUEST_INVALID', {
          expected: '--repo with a name or a folder',
          got: 'no --repo',
          next: 'Add --repo',
        });
      }
      const repository = await backend.initRepository(options.repo);
      return answer(repository, repositoryText(repository, cli.terminal.style));
    }),
  );
