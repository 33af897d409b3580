import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { backupOf, type BackupSurvey } from '@milvault/jobs';
import { fail, nearest, nextDue, PlanList, PlanView, RunPlan, type Config, type Plan } from '@milvault/shared';
import type { ApiParts } from '../../parts.ts';
import { newestGood } from '../../views/good.ts';
import { answers, runAccepted } from '../answers.ts';

const Params = Type.Object({ plan: Type.String() }, { additionalProperties: false });
const tags = ['plans'];

export const planRoutes =
  ({ config, service, clock }: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/plans',
      {
        config: { needs: 'viewer' },
        schema: { operationId: 'listPlans', tags, summary: 'What is backed up when', response: answers(200, PlanList) },
      },
      async () => {
        const [now, survey] = [clock.now(), await service.survey({})];
        return { plans: config.plans.map((plan) => planView(plan, now, survey)), total: config.plans.length };
      },
    );

    app.get(
      '/plans/:plan',
      {
        config: { needs: 'viewer' },
        schema: {
          operationId: 'showPlan',
          tags,
          summary: 'One plan',
          params: Params,
          response: answers(200, PlanView),
        },
      },
      async (request) => {
        const plan = requirePlan(config, request.params.plan);
        return planView(plan, clock.now(), await service.survey({ plan: plan.name }));
      },
    );

    app.post(
      '/plans/:plan/run',
      {
        config: { needs: 'operator' },
        schema: {
          operationId: 'runPlan',
          tags,
          summary: 'Take the backup of a plan now',
          params: Params,
          body: RunPlan,
          response: runAccepted,
        },
      },
      async (request, reply) => {
        const plan = requirePlan(config, request.params.plan);
        const type = request.body.type ?? (plan.full === null && plan.incremental !== null ? 'incremental' : 'full');
        const run = await service.start('backup', backupOf(plan, type), { trigger: 'api', plan: plan.name });
        return reply.code(202).send(run);
      },
    );
  };

function requirePlan({ plans }: Config, name: string): Plan {
  const plan = plans.find((one) => one.name === name);
  if (plan !== undefined) return plan;
  const names = plans.map((one) => one.name);
  const near = nearest(name, names);
  throw fail('PLAN_NOT_FOUND', {
    what: `There is no plan ${JSON.stringify(name)}`,
    expected: names.join(' or ') || 'a plan in the configuration',
    got: JSON.stringify(name),
    ...(near === null ? {} : { next: `Did you mean ${near}?` }),
  });
}

export function planView(plan: Plan, now: number, { backups, unread }: BackupSurvey): PlanView {
  const due = (cron: string | null): PlanView['full'] =>
    cron === null ? null : { cron, next: plan.enabled ? nextDue(cron, plan.timeZone, now) : null };
  const good = newestGood(backups.filter((backup) => backup.plan === plan.name));
  return {
    name: plan.name,
    source: plan.source,
    repository: plan.repository,
    collections: [...plan.collections],
    engine: plan.engine,
    timeZone: plan.timeZone,
    full: due(plan.full),
    incremental: due(plan.incremental),
    base: plan.base,
    chain: { ...plan.chain },
    consistency: plan.consistency,
    verify: plan.verify,
    check: due(plan.check),
    checkLevel: plan.checkLevel,
    checkRuns: plan.checkRuns,
    drill: due(plan.drill),
    drillTarget: plan.drillTarget,
    drillRuns: plan.drillRuns,
    maxRunHours: plan.maxRunHours,
    retention: { ...plan.retention },
    maxAgeHours: plan.maxAgeHours,
    enabled: plan.enabled,
    lastGood: good === null ? null : { id: good.id, name: good.name, type: good.type, committedAt: good.committedAt },
    unread: unread.find(({ repository }) => repository === plan.repository) ?? null,
  };
}
