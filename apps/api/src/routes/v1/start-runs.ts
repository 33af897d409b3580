import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { JobPayloads } from '@milvault/jobs';
import {
  StartBackup,
  StartCleanup,
  StartDrill,
  StartHealth,
  StartRestore,
  StartVerify,
  type RunKind,
} from '@milvault/shared';
import type { Static, TObject } from 'typebox';
import { RUN_NEEDS } from '../../access/roles.ts';
import type { ApiParts } from '../../parts.ts';
import { createStarts } from '../../views/starts.ts';
import { runAccepted } from '../answers.ts';

/** One route for each kind of run, so that each has a body of its own and its faults are named exactly. */
export const startRunRoutes =
  ({ config, service }: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    const starts = createStarts(config, service);
    starter('backup', 'Take a backup', StartBackup, starts.backup);
    starter('verify', 'Check a backup', StartVerify, starts.verify);
    starter('drill', 'Restore a backup on trial', StartDrill, starts.drill);
    starter('restore', 'Restore a backup', StartRestore, starts.restore);
    starter('cleanup', 'Remove what retention lets go, and what belongs to nothing', StartCleanup, starts.cleanup);
    starter('health', 'Look whether everything is well', StartHealth, () => ({}));

    function starter<K extends RunKind, Body extends TObject>(
      kind: K,
      summary: string,
      body: Body,
      payloadOf: (body: Static<Body>) => JobPayloads[K] | Promise<JobPayloads[K]>,
    ): void {
      const schema = { operationId: `start-${kind}`, tags: ['runs'], summary, body, response: runAccepted };
      app.post(`/runs/${kind}`, { config: { needs: RUN_NEEDS[kind] }, schema }, async (request, reply) => {
        // Checked against `body` just now; the types of a generic schema do not carry over.
        const payload = await payloadOf(request.body as Static<Body>);
        return reply.code(202).send(await service.start(kind, payload, { trigger: 'api', plan: null }));
      });
    }
  };
