import type { VerifyReport } from '@milvault/shared';
import { damageFinding } from './findings.ts';
import type { Job, VerifyPayload } from './port.ts';

/**
 * Checks a stored backup. Finding damage is a good end of the check: the report names it, and people are told until a
 * later check finds the backup sound.
 */
export const verifyJob: Job<VerifyPayload, null, never, never, VerifyReport> = {
  kind: 'verify',
  plan: async () => ({ state: null, parts: [], rowsTotal: 0 }),
  part: () => Promise.reject(new TypeError('a check has no parts')),
  finish: async (asked, _planned, _results, context) => {
    const repository = await context.repository(asked.repository);
    const backup = await repository.find(asked.backup);
    const options = {
      level: asked.level,
      signal: context.signal,
      onProgress: ({ bytes }: { readonly bytes: number }) => context.onProgress({ bytes }),
    };
    const report = await context.engines.get(backup.engine).verify(repository, backup.id, options, context);
    if (report.result !== 'unknown') await context.report(damageFinding(backup, report));
    return report;
  },
  abandon: async () => undefined,
};
