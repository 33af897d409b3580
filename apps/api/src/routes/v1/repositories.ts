import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { InitRepository, ProbeReport, RepositoryList, RepositoryView } from '@milvault/shared';
import type { Repository } from '@milvault/repository';
import { whileConnected } from '../../live/while-connected.ts';
import type { ApiParts } from '../../parts.ts';
import { answers } from '../answers.ts';
import { chooseRepository } from '../../views/choices.ts';

const Params = Type.Object(
  { repository: Type.String({ description: 'Name, absolute folder or s3://bucket/prefix, percent-encoded' }) },
  { additionalProperties: false },
);
const tags = ['repositories'];

export const repositoryRoutes =
  ({ config, repository, initRepository, probeRepository }: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/repositories',
      {
        config: { needs: 'viewer' },
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
        config: { needs: 'admin' },
        schema: {
          operationId: 'initRepository',
          tags,
          summary: 'Make a repository in an empty place; one that is there stays as it is',
          body: InitRepository,
          response: answers(201, RepositoryView),
        },
      },
      async (request, reply) => {
        const name = chooseRepository(config, request.body.repository);
        return reply.code(201).send(await view(name, await initRepository(name)));
      },
    );

    app.post(
      '/repositories/:repository/probe',
      {
        config: { needs: 'operator' },
        schema: {
          operationId: 'probeRepository',
          tags,
          summary: 'Try on the store of a repository what backups stand on; backups are not touched',
          params: Params,
          response: answers(200, ProbeReport),
        },
      },
      async (request, reply) =>
        probeRepository(chooseRepository(config, request.params.repository), whileConnected(reply)),
    );

    app.get(
      '/repositories/:repository',
      {
        config: { needs: 'viewer' },
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
