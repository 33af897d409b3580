import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { InitRepository, RepositoryList, RepositoryView } from '@milvault/shared';
import type { Repository } from '@milvault/repository';
import type { ApiParts } from '../../parts.ts';
import { answers } from '../answers.ts';
import { chooseRepository } from '../../views/choices.ts';

const Params = Type.Object(
  { repository: Type.String({ description: 'Name, or absolute folder, percent-encoded' }) },
  { additionalProperties: false },
);
const tags = ['repositories'];

export const repositoryRoutes =
  ({ config, repository, initRepository }: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/repositories',
      {
        schema: {
          operationId: 'listRepositories',
          tags,
          summary: 'Where backups are kept',
          response: answers(200, RepositoryList),
        },
      },
      async () => ({
        repositories: config.repositories.map(({ name, place }) => ({ name, place })),
        total: config.repositories.length,
      }),
    );

    app.post(
      '/repositories',
      {
        schema: {
          operationId: 'initRepository',
          tags,
          summary: 'Make a repository in a folder; one that is there stays as it is',
          body: InitRepository,
          response: answers(201, RepositoryView),
        },
      },
      async (request, reply) => {
        const name = chooseRepository(config, request.body.repository);
        return reply.code(201).send(await view(name, await initRepository(name)));
      },
    );

    app.get(
      '/repositories/:repository',
      {
        schema: {
          operationId: 'showRepository',
          tags,
          summary: 'One repository: its space and what it holds',
          params: Params,
          response: answers(200, RepositoryView),
        },
      },
      async (request) => {
        const name = chooseRepository(config, request.params.repository);
        return view(name, await repository(name));
      },
    );
  };

async function view(name: string, repository: Repository): Promise<RepositoryView> {
  const [{ backups, damages }, space] = await Promise.all([repository.survey(), repository.space()]);
  return {
    name,
    place: repository.place,
    id: repository.id,
    space,
    backups: backups.length,
    rows: backups.reduce((sum, backup) => sum + backup.rows, 0),
    bytes: backups.reduce((sum, backup) => sum + backup.bytes.own, 0),
    damages: [...damages],
  };
}
