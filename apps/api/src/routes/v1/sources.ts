import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  InspectionView,
  normaliseAddress,
  SourceList,
  sourceIdOf,
  type Source,
  type SourceView,
} from '@milvault/shared';
import { whileConnected } from '../../live/while-connected.ts';
import type { ApiParts } from '../../parts.ts';
import { answers } from '../answers.ts';
import { chooseSource } from '../../views/choices.ts';

const closed = { additionalProperties: false } as const;
const Params = Type.Object({ source: Type.String({ description: 'Name, or host:port' }) }, closed);
const Query = Type.Object(
  {
    collections: Type.Optional(
      Type.String({ minLength: 1, default: '*', description: 'By commas: name, database.name, database.* or *' }),
    ),
  },
  closed,
);

export const sourceRoutes =
  ({ config, inspect }: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/sources',
      {
        config: { needs: 'viewer' },
        schema: {
          operationId: 'listSources',
          tags: ['sources'],
          summary: 'The Milvus servers to protect',
          response: answers(200, SourceList),
        },
      },
      async () => ({ sources: config.sources.map(sourceView), total: config.sources.length }),
    );

    app.get(
      '/sources/:source/inspect',
      {
        config: { needs: 'operator' },
        schema: {
          operationId: 'inspectSource',
          tags: ['sources'],
          summary: 'What is on a source, and what a backup would not hold',
          params: Params,
          querystring: Query,
          response: answers(200, InspectionView),
        },
      },
      async (request, reply) => {
        const name = chooseSource(config, request.params.source);
        const wanted = (request.query.collections ?? '*').split(',').map((one) => one.trim());
        const found = await inspect(name, wanted, whileConnected(reply));
        const configured = config.sources.find((source) => source.name === name);
        return {
          source: name,
          address: configured?.address ?? normaliseAddress(name),
          serverVersion: found.serverVersion,
          databases: [...found.databases],
          collections: found.collections.map(({ definition, rows }) => ({ definition, rows })),
          warnings: [...found.warnings],
        };
      },
    );
  };

const sourceView = ({ name, address, tls, credentials }: Source): SourceView => ({
  name,
  id: sourceIdOf(address),
  address,
  tls,
  credentials: credentials !== null,
});
