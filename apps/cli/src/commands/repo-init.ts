import { fail } from '@milvault/shared';
import { answer } from '../answer.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import type { Globals } from '../options.ts';
import { repositoryText } from '../output/repository.ts';

export const repoInit: CommandFactory = (cli, print) =>
  command({
    name: 'init',
    about:
      'Make a repository of a missing or empty folder, or of a prefix of a bucket. A repository that is there already ' +
      'stays as it is; a place with anything else in it is refused, and so is a store that is not safe for backups.',
    globals: ['json', 'local', 'repo', 'config'],
    examples: [
      'milvault repo init --repo main',
      'milvault repo init --local --repo ./backups',
      'milvault repo init --local --repo s3://bucket/milvus',
    ],
  }).action(
    backendAction<Globals>(cli, print, async (backend, { options }) => {
      if (options.repo === undefined) {
        throw fail('REQUEST_INVALID', {
          expected: '--repo with a name, a folder or s3://bucket/prefix',
          got: 'no --repo',
          next: 'Add --repo',
        });
      }
      const repository = await backend.initRepository(options.repo);
      return answer(repository, repositoryText(repository, cli.terminal.style));
    }),
  );
