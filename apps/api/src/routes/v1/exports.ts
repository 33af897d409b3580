import { Readable } from 'node:stream';
import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { exportOf } from '@milvault/jobs';
import { exportFrames, planExport, type ErrorFrame, type ExportPiece } from '@milvault/repository';
import { ExportPlan, toMilvaultError, type Logger } from '@milvault/shared';
import { whileConnected } from '../../live/while-connected.ts';
import type { ApiParts } from '../../parts.ts';
import { problemOf } from '../../plugins/errors.ts';
import { chooseAnyRepository } from '../../views/choices.ts';
import { answers } from '../answers.ts';

const closed = { additionalProperties: false } as const;
const Params = Type.Object({ backup: Type.String({ description: 'Id or name' }) }, closed);
const where = { repository: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })) };
const Name = Type.String({ minLength: 1, maxLength: 1024 });
const tags = ['backups'];

/** Both routes give away every row of a backup: they are for those who may restore it, not for those who only look. */
export const exportRoutes =
  ({ config, service, repository, logger }: ApiParts, ending: AbortSignal): FastifyPluginAsyncTypebox =>
  async (app) => {
    const find = async (asked: string, place: string | undefined) => {
      const backup = await service.backup(asked, chooseAnyRepository(config, place));
      return { backup, from: await repository(backup.repository) };
    };

    app.get(
      '/backups/:backup/export',
      {
        config: { needs: 'operator' },
        schema: {
          operationId: 'planExport',
          tags,
          summary: 'What a backup has to export: collections, partitions, columns',
          params: Params,
          querystring: Type.Object(where, closed),
          response: answers(200, ExportPlan),
        },
      },
      async ({ params, query }) => {
        const { backup, from } = await find(params.backup, query.repository);
        return planExport(from, backup);
      },
    );

    app.get(
      '/backups/:backup/export/rows',
      {
        config: { needs: 'operator', audited: true },
        schema: {
          operationId: 'exportRows',
          tags,
          summary: 'The rows of one partition as Parquet files, in frames (docs/export.md)',
          params: Params,
          querystring: Type.Object({ ...where, database: Name, collection: Name, partition: Name }, closed),
          response: exportStream,
        },
      },
      async ({ params, query, id }, reply) => {
        const { backup, from } = await find(params.backup, query.repository);
        const signal = AbortSignal.any([whileConnected(reply), ending]);
        const pieces = await started(exportOf(from, backup)(query, signal));
        const frames = exportFrames(pieces, (thrown) => shown(logger, id, thrown));
        return reply
          .header('cache-control', 'no-store')
          .type('application/vnd.milvault.export')
          .send(Readable.from(frames, { objectMode: false }));
      },
    );
  };

const exportStream = {
  ...answers(200, Type.Unsafe<NodeJS.ReadableStream>(Type.String())),
  200: {
    description: 'Parquet files in frames',
    content: {
      'application/vnd.milvault.export': { schema: Type.Unsafe<NodeJS.ReadableStream>(Type.String()) },
    },
  },
};

/** The same pieces once the first is there: what fails before that is an answer of its own, with its status. */
async function started(pieces: AsyncIterable<ExportPiece>): Promise<AsyncIterable<ExportPiece>> {
  const iterator = pieces[Symbol.asyncIterator]();
  let first: IteratorResult<ExportPiece> | null = await iterator.next();
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const given = first ?? (await iterator.next());
        first = null;
        return given;
      },
      return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
    }),
  };
}

/** An error in the middle, as an answer would tell it; what is unknown to us is logged and hidden. */
function shown(logger: Logger, request: string, thrown: unknown): ErrorFrame {
  const error = toMilvaultError(thrown);
  logger.error({ request, err: thrown }, error.message);
  const problem = problemOf(error, request);
  return { ...problem, message: problem.detail };
}
