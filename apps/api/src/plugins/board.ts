import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { FastifyInstance } from 'fastify';
import type { ApiParts } from '../parts.ts';

const BASE = '/queues';

/** The board asks another site for its fonts, which would learn who looks here; our CSP forbids it and says so loudly. */
const FOREIGN_FONTS = /<link[^>]+https:\/\/fonts\.[^>]+>/g;

/**
 * Bull Board. Who may see it is decided by the hooks of the app. Read-only unless `api.boardWritable`: it could
 * otherwise remove schedules and jobs behind the back of the runs. Payloads carry names and ids, never credentials.
 */
export async function useBoard(app: FastifyInstance, { queues, config }: ApiParts): Promise<void> {
  const serverAdapter = new FastifyAdapter();
  serverAdapter.setBasePath(BASE);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: !config.api.boardWritable })),
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'milvault queues',
        hideRedisDetails: true,
        miscLinks: [{ text: 'API', url: '/docs' }],
      },
    },
  });
  await app.register(async (scope) => {
    // The board's own handler would answer a refused caller with 500 and a stack.
    scope.addHook('onRoute', (route) => {
      route.errorHandler = app.errorHandler;
      route.config = { ...route.config, needs: 'admin' };
    });
    scope.addHook('onSend', async (_request, _reply, payload) =>
      typeof payload === 'string' ? payload.replace(FOREIGN_FONTS, '') : payload,
    );
    await scope.register(serverAdapter.registerPlugin(), { prefix: BASE });
  });
}
