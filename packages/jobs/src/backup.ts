import type { BackupPart, BackupPartResult, BackupPlan, Engine } from '@milvault/engines';
import type { BackupDraft, Repository } from '@milvault/repository';
import {
  fail,
  hasCode,
  isAtLeast,
  sourceIdOf,
  type Backup,
  type Consistency,
  type EngineKind,
  type VerifyReport,
} from '@milvault/shared';
import { chooseBase, type ChosenBase } from './base.ts';
import { damageFinding, damageText } from './findings.ts';
import { collectionLease, fullName } from './leases.ts';
import type { BackupPayload, Job, JobContext } from './port.ts';

export interface BackupState {
  /** What was asked for: a part sees only the state. */
  readonly asked: BackupPayload;
  readonly engine: EngineKind;
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
    const engine = await context.engines.choose(asked.engine, source, context);
    requirePossible(asked, engine.abilities.consistency);
    const { base, whyFull } = await baseFor(asked, engine, repository, context);
    const request = { collections: patternsOf(asked), base: base?.id ?? null, prove: isToBeProved(asked) };
    const { parts, ...plan } = await engine.planBackup(source, repository, request, context);
    requirePossible(asked, plan.consistency);
    // Last, so that a run that dies while it plans leaves nothing in the repository.
    const draft = await repository.begin({
      type: plan.base === null ? 'full' : 'incremental',
      sourceId: sourceIdOf(source.address),
      sourceAddress: source.address,
      serverVersion: plan.serverVersion,
      plan: asked.plan,
      base: plan.base,
      ...(asked.name === undefined ? {} : { name: asked.name }),
      note: noteOf(asked, plan, whyFull),
    });
    context.logger.info({ backup: draft.backupId }, `${draft.name} has ${String(parts.length)} parts`);
    if (draft.note !== null) context.logger.warn(draft.note);
    return { state: { asked, engine: engine.kind, draft, plan }, parts, rowsTotal: plan.rowsTotal };
  },

  part: async ({ asked, engine: kind, draft }, part, { fence }, context) => {
    const repository = await context.repository(asked.repository);
    const engine = context.engines.get(kind);
    try {
      return await engine.backupPart(context.source(asked.source), repository, draft, part, fence, context);
    } catch (thrown) {
      if (hasCode(thrown, 'BASE_DAMAGED') && draft.base !== null)
        await noteDamage(repository, draft.base, thrown, context);
      throw thrown;
    }
  },

  finish: async (asked, { state, parts }, results, context) => {
    const repository = await context.repository(asked.repository);
    const engine = context.engines.get(state.engine);
    const plan = { ...state.plan, parts };
    const source = context.source(asked.source);
    const input = await engine.finishBackup(source, repository, state.draft, plan, results, context);
    context.signal.throwIfAborted();
    if (!isAtLeast(input.consistency, asked.consistency)) throw tooWeak(asked, input.consistency);
    context.onProgress({ phase: 'commit' });
    const backup = await repository.commit(state.draft, input);
    const verify = asked.verify === null ? null : await check(repository, backup, asked.verify, context);
    // Read back, so that it carries the proof of the check.
    return { ...(await repository.find(backup.id)), verify };
  },

  abandon: async (asked, state, context) => {
    if (state === null) return;
    const repository = await context.repository(asked.repository);
    const source = context.source(asked.source);
    await context.engines.get(state.engine).tool?.abandon(source, state.draft);
    await repository.abandon(state.draft, `run ${context.runId} ended without a backup`);
  },

  writes: ({ draft }) => draft.backupId,
};

/** A flush is a small price for a plan, which asks each night anew; a full by hand pays it only when it is asked to. */
const isToBeProved = ({ consistency, type, plan }: BackupPayload): boolean =>
  consistency !== 'fuzzy' || type === 'incremental' || plan !== null;

/** Before anything is read: what the engine or this server can never give is not worth a try. */
function requirePossible(asked: BackupPayload, best: Consistency): void {
  if (isAtLeast(best, asked.consistency)) return;
  throw fail('SOURCE_UNSUPPORTED', {
    what: 'No backup of this Milvus can be worth as much as a point in time as was asked for',
    expected: `${asked.consistency}, or better`,
    got: `${best} at best`,
    next: 'Accept a weaker label (plans[].consistency, --consistency), or take an engine that can show more',
  });
}

const tooWeak = (asked: BackupPayload, got: Consistency): Error =>
  fail('CONSISTENCY_TOO_WEAK', {
    what: 'The backup would be worth less as a point in time than was asked for, so it was not kept',
    expected: `${asked.consistency}, or better`,
    got,
  });

async function baseFor(
  asked: BackupPayload,
  engine: Engine,
  repository: Repository,
  context: JobContext,
): Promise<ChosenBase> {
  if (asked.type === 'full') return { base: null, whyFull: null };
  if (!engine.abilities.incremental) return { base: null, whyFull: `the engine ${engine.kind} takes no incrementals` };
  const sourceId = sourceIdOf(context.source(asked.source).address);
  const leaving = await repository.leaving();
  const request = { sourceId, engine: engine.kind, collections: patternsOf(asked), now: context.clock.now(), leaving };
  const backups = await repository.list();
  if (asked.baseBackup === undefined) {
    return chooseBase(backups, { ...request, from: engine.abilities.base ?? asked.base, chain: asked.chain });
  }
  const named = backups.filter(({ id }) => id === asked.baseBackup);
  // Being deleted is told as the reason, and not got round.
  const anyOf = { ...request, leaving: new Set<string>() };
  return chooseBase(named, { ...anyOf, from: 'last', chain: { links: Infinity, days: Infinity } });
}

/** Why a full, where an incremental was asked for; and what of an incremental was read whole. */
function noteOf(asked: BackupPayload, plan: Omit<BackupPlan, 'parts'>, whyFull: string | null): string | null {
  if (asked.type === 'full') return null;
  const whole = plan.collections.flatMap(({ definition, wholeBecause }) =>
    wholeBecause === null ? [] : [`${fullName(definition.database, definition.collection)} (${wholeBecause})`],
  );
  const list =
    whole.length > SHOWN ? `${whole.slice(0, SHOWN).join(', ')} and ${whole.length - SHOWN} more` : whole.join(', ');
  if (plan.base !== null) return whole.length === 0 ? null : `Read whole: ${list}`;
  const why =
    whyFull ?? (whole.length === 0 ? 'there is nothing to compare' : `every collection had to be read whole: ${list}`);
  return `An incremental was asked for and a full was taken: ${why}`;
}

const SHOWN = 5;

/** So that the next plan, and everybody else, knows what the part found. */
async function noteDamage(repository: Repository, base: string, thrown: Error, context: JobContext): Promise<void> {
  const proof = { level: 2, result: 'damaged', at: context.clock.now() } as const;
  try {
    await repository.addProof(base, proof, { error: thrown.message, run: context.runId });
  } catch (error) {
    // The fault that is on its way says more than that it could not be noted.
    context.logger.error({ err: error, backup: base }, 'The damage of a base could not be noted');
  }
}

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
  const engine = context.engines.get(backup.engine);
  const report = await engine.verify(repository, backup.id, { level, signal: context.signal }, context).finally(() => {
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
