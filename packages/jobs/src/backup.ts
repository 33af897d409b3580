import type { BackupPart, BackupPartResult, BackupPlan } from '@milvault/engines';
import type { BackupDraft, Repository } from '@milvault/repository';
import { fail, sourceIdOf, type Backup, type VerifyReport } from '@milvault/shared';
import { damageFinding, damageText } from './findings.ts';
import { collectionLease } from './leases.ts';
import type { BackupPayload, Job, JobContext } from './port.ts';

export interface BackupState {
  /** What was asked for: a part sees only the state. */
  readonly asked: BackupPayload;
  readonly draft: BackupDraft;
  /** Without its parts, which travel one by one. */
  readonly plan: Omit<BackupPlan, 'parts'>;
}

/** The backup, and what the check right after the commit found; null where none was asked for. */
export type BackupOutcome = Backup & { readonly verify: VerifyReport | null };

/** Takes a backup and checks it: a run is only good when the backup is. */
export const backupJob: Job<BackupPayload, BackupState, BackupPart, BackupPartResult, BackupOutcome> = {
  kind: 'backup',

  leases: async (asked, context) => {
    const { address } = context.source(asked.source);
    return patternsOf(asked).map((pattern) => collectionLease(address, pattern));
  },

  plan: async (asked, context) => {
    const repository = await context.repository(asked.repository);
    const source = context.source(asked.source);
    const engine = context.engine(asked.engine);
    const { parts, ...plan } = await engine.planBackup(source, { collections: patternsOf(asked) }, context);
    const asFull = asked.type === 'incremental';
    // Last, so that a run that dies while it plans leaves nothing in the repository.
    const draft = await repository.begin({
      type: 'full',
      sourceId: sourceIdOf(source.address),
      sourceAddress: source.address,
      serverVersion: plan.serverVersion,
      plan: asked.plan,
      note: asFull ? `An incremental was asked for; the engine ${engine.kind} took a full instead` : null,
    });
    context.logger.info({ backup: draft.backupId }, `${draft.name} has ${String(parts.length)} parts`);
    if (draft.note !== null) context.logger.warn(draft.note);
    return { state: { asked, draft, plan }, parts, rowsTotal: plan.rowsTotal };
  },

  part: async ({ asked, draft }, part, { fence }, context) => {
    const repository = await context.repository(asked.repository);
    const engine = context.engine(asked.engine);
    return engine.backupPart(context.source(asked.source), repository, draft, part, fence, context);
  },

  finish: async (asked, { state, parts }, results, context) => {
    const repository = await context.repository(asked.repository);
    const engine = context.engine(asked.engine);
    const plan = { ...state.plan, parts };
    const input = await engine.finishBackup(context.source(asked.source), plan, results, context);
    context.signal.throwIfAborted();
    context.onProgress({ phase: 'commit' });
    const backup = await repository.commit(state.draft, input);
    const verify = asked.verify === null ? null : await check(repository, backup, asked.verify, context);
    // Read back, so that it carries the proof of the check.
    return { ...(await repository.find(backup.id)), verify };
  },

  abandon: async (asked, state, context) => {
    if (state === null) return;
    const repository = await context.repository(asked.repository);
    await repository.abandon(state.draft, `run ${context.runId} ended without a backup`);
  },

  writes: ({ draft }) => draft.backupId,
};

const patternsOf = ({ collections }: BackupPayload): readonly string[] =>
  collections.length === 0 ? ['*'] : collections;

async function check(
  repository: Repository,
  backup: Backup,
  level: 0 | 1 | 2 | 3,
  context: JobContext,
): Promise<VerifyReport> {
  context.onProgress({ phase: 'verify' });
  const stopped = (): void => context.logger.warn(`${backup.name} was stored before the run was stopped, and stays`);
  context.signal.addEventListener('abort', stopped, { once: true });
  const report = await repository.verify(backup.id, { level, signal: context.signal }).finally(() => {
    context.signal.removeEventListener('abort', stopped);
  });
  if (report.result === 'ok') return report;
  if (report.result === 'damaged') {
    await context.report(damageFinding(backup, report));
    throw fail('BACKUP_DAMAGED', {
      what: `${backup.name} was stored, and the check right after it found it damaged: ${damageText(report)}`,
      next: 'Look at the disk of the repository, then take a new backup',
      details: { backup: backup.id, damages: report.damages.slice(0, 20) },
    });
  }
  throw fail('REPO_READ_FAILED', {
    what: `${backup.name} was stored, but the check right after it could not read it`,
    details: { backup: backup.id, damages: report.damages.slice(0, 20) },
  });
}
