import { toErrorRecord, type Plan } from '@milvault/shared';
import type { HealthFinding } from '@milvault/alerts';
import { ageFinding, overdueFinding, reachedFinding, redisFinding, spaceFinding, workersFinding } from './findings.ts';
import { newestGood } from './newest-good.ts';
import type { HealthPayload, Job, JobContext } from './port.ts';
import { reachSource } from './reach.ts';

export interface HealthOutcome extends Record<string, unknown> {
  readonly healthy: boolean;
  readonly findings: readonly HealthFinding[];
}

type Check = (context: JobContext) => Promise<readonly HealthFinding[]>;

/** Looks at everything, tells what is wrong, and never fails because something is. */
export const healthJob: Job<HealthPayload, null, never, never, HealthOutcome> = {
  kind: 'health',
  plan: async () => ({ state: null, parts: [], rowsTotal: 0 }),
  part: () => Promise.reject(new TypeError('a health check has no parts')),
  finish: (_asked, _planned, _results, context) =>
    lookAt([checkAges, checkRepositories, checkSources, checkQueues], context),
  abandon: async () => undefined,
};

/** What the dead-man watch looks at each minute, whether or not a worker lives. */
export const watchForSilence = (context: JobContext): Promise<HealthOutcome> =>
  lookAt([checkAges, checkQueues], context);

async function lookAt(checks: readonly Check[], context: JobContext): Promise<HealthOutcome> {
  const findings = (await Promise.all(checks.map((check) => check(context)))).flat();
  context.signal.throwIfAborted();
  for (const finding of findings) {
    if (!finding.ok) context.logger.warn({ check: finding.check, subject: finding.subject }, finding.title);
    await context.report(finding);
  }
  return { healthy: findings.every(({ ok }) => ok), findings };
}

const checkAges: Check = async (context) =>
  Promise.all(
    context.config.plans
      .filter((plan) => plan.enabled && (plan.full !== null || plan.incremental !== null))
      .map((plan) => ageOf(plan, context)),
  );

/** A repository that cannot be read says nothing good of its backups, so silence is told then, too. */
async function ageOf(plan: Plan, context: JobContext): Promise<HealthFinding> {
  try {
    const repository = await context.repository(plan.repository);
    const newest = newestGood((await repository.list()).filter((backup) => backup.plan === plan.name));
    return ageFinding(plan, newest, context.clock.now(), await context.seenSince(`plan/${plan.name}`));
  } catch (thrown) {
    const unread = ageFinding(plan, null, context.clock.now(), 0);
    const error = toErrorRecord(thrown);
    return {
      ...unread,
      title: `whether plan ${plan.name} has a good backup cannot be seen`,
      facts: [
        { label: 'Plan', value: plan.name },
        { label: 'Error', value: `${error.code}: ${error.message}` },
      ],
      next: error.next,
    };
  }
}

const checkRepositories: Check = async (context) =>
  (await Promise.all(context.config.repositories.map(({ name }) => lookInto(name, context)))).flat();

async function lookInto(name: string, context: JobContext): Promise<HealthFinding[]> {
  try {
    const repository = await context.repository(name);
    const [survey, space] = await Promise.all([repository.survey(), repository.space()]);
    const damage = survey.damages[0];
    const damaged: HealthFinding[] =
      damage === undefined
        ? [reachedFinding('repository', name, null)]
        : [
            {
              ...reachedFinding('repository', name, null),
              ok: false,
              title: `records of repository ${name} are damaged`,
              facts: survey.damages.slice(0, 10).map((one) => ({ label: one.object, value: one.message })),
              next: 'Check the disk; the backups themselves may be sound: verify them',
            },
          ];
    return space === null ? damaged : [...damaged, spaceFinding(name, space)];
  } catch (thrown) {
    return [reachedFinding('repository', name, thrown)];
  }
}

const checkSources: Check = async (context) =>
  Promise.all(context.config.sources.map(({ name }) => knockAt(name, context)));

async function knockAt(name: string, context: JobContext): Promise<HealthFinding> {
  const source = context.source(name);
  try {
    await reachSource(source, context, context);
    return reachedFinding('source', name, null);
  } catch (thrown) {
    return reachedFinding('source', name, thrown);
  }
}

const checkQueues: Check = async (context) => {
  const queues = await context.queues();
  if (queues === null) return [];
  const now = context.clock.now();
  const schedules = queues.schedules.map((schedule) => overdueFinding(schedule, now));
  return [workersFinding(queues), redisFinding(queues.redis), ...schedules];
};
