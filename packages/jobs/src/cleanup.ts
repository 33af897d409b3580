import type { CleanupReport, RetentionRule } from '@milvault/repository';
import { normaliseAddress, sourceIdOf, toErrorRecord, type Config } from '@milvault/shared';
import { cleanupFinding } from './findings.ts';
import type { CleanupPayload, Job, JobContext } from './port.ts';

/** All repositories together, and each by its name. */
export type CleanupOutcome = CleanupReport & {
  readonly repositories: readonly { readonly name: string; readonly report: CleanupReport }[];
};

/** Removes what retention gives up, and what nobody owns. A repository or a backup that fails stops no other. */
export const cleanupJob: Job<CleanupPayload, null, never, never, CleanupOutcome> = {
  kind: 'cleanup',
  plan: async () => ({ state: null, parts: [], rowsTotal: 0 }),
  part: () => Promise.reject(new TypeError('a clean-up has no parts')),
  finish: async ({ repository, dryRun, force = false }, _planned, _results, context) => {
    const names = repository === null ? context.config.repositories.map(({ name }) => name) : [repository];
    const repositories: { name: string; report: CleanupReport }[] = [];
    for (const name of names) {
      context.onProgress({ phase: name });
      repositories.push({ name, report: await cleanOne(name, { dryRun, force }, names.length === 1, context) });
    }
    return {
      ...merged(
        repositories.map(({ report }) => report),
        dryRun,
      ),
      repositories,
    };
  },
  abandon: async () => undefined,
};

interface How {
  readonly dryRun: boolean;
  readonly force: boolean;
}

async function cleanOne(name: string, how: How, alone: boolean, context: JobContext): Promise<CleanupReport> {
  const report = await attempt(name, how, alone, context);
  for (const { id, reason } of report.removed)
    context.logger.info({ backup: id }, `${how.dryRun ? 'Would go' : 'Removed'}: ${reason}`);
  for (const { id, message } of report.failed) context.logger.error({ backup: id }, `Not removed: ${message}`);
  for (const { plan, wouldGo, of } of report.guarded)
    context.logger.warn({ plan }, `Nothing removed: ${String(wouldGo)} of ${String(of)} backups would go at once`);
  if (!how.dryRun) await context.report(cleanupFinding(name, report));
  return report;
}

async function attempt(name: string, how: How, alone: boolean, context: JobContext): Promise<CleanupReport> {
  try {
    const repository = await context.repository(name);
    const active = await context.activeBackups();
    return await repository.cleanup({ rules: rulesOf(context.config), ...how, active, signal: context.signal });
  } catch (thrown) {
    context.signal.throwIfAborted();
    // The run's own error says it best; among several it must not stop the others.
    if (alone) throw thrown;
    return { ...NOTHING, dryRun: how.dryRun, failed: [{ id: name, message: toErrorRecord(thrown).message }] };
  }
}

const NOTHING: CleanupReport = {
  removed: [],
  kept: [],
  failed: [],
  abandoned: [],
  guarded: [],
  orphans: 0,
  dryRun: false,
};

/** One rule for each plan, enabled or not. What no plan took (by hand, or a plan that is gone) is never judged. */
export const rulesOf = (config: Config): RetentionRule[] =>
  config.plans.flatMap((plan) => {
    const source = config.sources.find(({ name }) => name === plan.source);
    if (source === undefined) return [];
    const sourceId = sourceIdOf(normaliseAddress(source.address));
    return [{ sourceId, plan: plan.name, policy: plan.retention, timeZone: plan.timeZone }];
  });

const merged = (reports: readonly CleanupReport[], dryRun: boolean): CleanupReport => ({
  removed: reports.flatMap((report) => report.removed),
  kept: reports.flatMap((report) => report.kept),
  failed: reports.flatMap((report) => report.failed),
  abandoned: reports.flatMap((report) => report.abandoned),
  guarded: reports.flatMap((report) => report.guarded),
  orphans: reports.reduce((sum, report) => sum + report.orphans, 0),
  dryRun,
});
