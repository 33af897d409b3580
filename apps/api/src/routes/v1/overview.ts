import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { hasCode, IncidentList, Overview, toErrorRecord, type Run, type StorageHealth } from '@milvault/shared';
import type { ApiParts } from '../../parts.ts';
import { overviewOf } from '../../views/overview.ts';
import { SHOWN_DAYS } from '../../views/days.ts';
import { answers } from '../answers.ts';

const tags = ['system'];
const closed = { additionalProperties: false } as const;
const IncidentQuery = Type.Object(
  {
    open: Type.Optional(Type.Boolean({ description: 'Only those that are open, or only those that are over' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    offset: Type.Optional(Type.Integer({ minimum: 0, default: 0 })),
  },
  closed,
);
const PAGE = 500;
const MOST_INCIDENTS = 100;

export const overviewRoutes =
  (parts: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    const { incidents } = parts;

    app.get(
      '/overview',
      {
        config: { needs: 'viewer' },
        schema: { operationId: 'overview', tags, summary: 'Whether all is well', response: answers(200, Overview) },
      },
      () => overview(parts),
    );

    app.get(
      '/incidents',
      {
        config: { needs: 'viewer' },
        schema: {
          operationId: 'listIncidents',
          tags,
          summary: 'Problems from their first sign to their end; the open ones first',
          querystring: IncidentQuery,
          response: answers(200, IncidentList),
        },
      },
      async ({ query: { open, limit = 100, offset = 0 } }) =>
        incidents({ ...(open === undefined ? {} : { open }), limit, offset }),
    );
  };

async function overview(parts: ApiParts): Promise<Overview> {
  const { config, clock, service, workers, incidents } = parts;
  const now = clock.now();
  const [storages, present, open, running, runs] = await Promise.all([
    Promise.all(config.repositories.map((one) => storageOf(parts, one))),
    workers(),
    incidents({ open: true, limit: MOST_INCIDENTS, offset: 0 }),
    service.runs({ state: 'running', limit: 1, offset: 0 }),
    Promise.all(config.plans.map(async ({ name }) => [name, await runsOf(parts, name, now)] as const)),
  ]);
  const byPlan = new Map(runs);
  return overviewOf({
    config,
    now,
    backups: storages.flatMap(({ backups }) => backups),
    runsOf: (plan) => byPlan.get(plan) ?? { backup: [], drill: [] },
    running: running.total,
    incidents: open.incidents,
    workers: present.length,
    storage: storages.map(({ storage }) => storage),
  });
}

/** One that cannot be read hides no other, and says why. */
async function storageOf({ repository, service, logger }: ApiParts, { name, place }: { name: string; place: string }) {
  const nothing: StorageHealth = { repository: name, place, space: null, backups: 0, bytes: 0, error: null };
  try {
    const [backups, space] = await Promise.all([
      service.backups({ repository: name }),
      (await repository(name)).space(),
    ]);
    const bytes = backups.reduce((sum, backup) => sum + backup.bytes.own, 0);
    return { backups, storage: { ...nothing, space, backups: backups.length, bytes } };
  } catch (thrown) {
    if (!hasCode(thrown, 'REPO_NOT_A_REPOSITORY'))
      logger.warn({ err: thrown, repository: name }, 'a repository cannot be read');
    const { code, message, next } = toErrorRecord(thrown);
    return { backups: [], storage: { ...nothing, error: { code, message, next } } };
  }
}

async function runsOf({ service }: ApiParts, plan: string, now: number) {
  const since = now - (SHOWN_DAYS + 1) * 24 * 3_600_000;
  const backup: Run[] = [];
  for (let total = 1; backup.length < total;) {
    const page = await service.runs({ plan, kind: 'backup', limit: PAGE, offset: backup.length });
    total = page.total;
    backup.push(...page.runs);
    if (page.runs.length === 0 || (page.runs.at(-1)?.queuedAt ?? 0) < since) break;
  }
  const { runs: drill } = await service.runs({ plan, kind: 'drill', limit: 20, offset: 0 });
  return { backup, drill };
}
