import type { Engine, RestorePart, RestorePartResult, RestorePlan, RestoreRequest } from '@milvault/engines';
import { fail, hasCode, type Backup, type EngineKind, type RestoreReport } from '@milvault/shared';
import { collectionLease, fullName } from './leases.ts';
import type { Job, JobContext, PartTry, RestorePayload } from './port.ts';

export interface RestoreState {
  /** Source by name or address, as asked for; repository likewise. */
  readonly target: string;
  readonly repository: string;
  readonly engine: EngineKind;
  /** Without its parts, which travel one by one. */
  readonly plan: Omit<RestorePlan, 'parts'>;
}

/** Puts collections of a backup into a Milvus, under new names unless told otherwise. */
export const restoreJob: Job<RestorePayload, RestoreState, RestorePart, RestorePartResult, RestoreReport> = {
  kind: 'restore',

  leases: async (asked, context) => {
    const { address } = context.source(asked.target);
    const backup = await (await context.repository(asked.repository)).find(asked.backup);
    return namesOf(backup, asked).map((name) => collectionLease(address, name));
  },

  plan: (asked, context) => planRestore(asked, asked, context),
  begin: (state, context) => beginRestore(state, context),
  part: (state, part, attempt, context) => restorePart(state, part, attempt, context),
  finish: async (asked, planned, _results, context) => {
    const report = await finishRestore(planned, context);
    await endReading(asked, context);
    return report;
  },
  abandon: async (asked, state, context) => {
    if (state !== null) await abandonRestore(state, context);
    await endReading(asked, context);
  },
};

/** OPTION_UNSUPPORTED, before anything is touched. */
export function requireAble({ kind, abilities }: Engine, what: 'restore' | 'drill'): void {
  if (abilities.lacks?.includes(what) !== true) return;
  throw fail('OPTION_UNSUPPORTED', {
    what: `Backups by the engine ${kind} cannot be ${what === 'drill' ? 'drilled' : 'restored'} by milvault`,
    next: 'Restore with the tool that keeps the backup',
  });
}

/** The names that the restore may write; some more where only some collections are asked for. */
function namesOf(backup: Backup, { suffix, rename }: RestorePayload): string[] {
  const renamed = Object.values(rename);
  const suffixed = backup.collections.map(({ database, collection }) =>
    fullName(database, `${collection}${suffix ?? '_restored'}`),
  );
  return [...renamed, ...suffixed];
}

interface Where {
  readonly repository: string;
  readonly backup: string;
  readonly target: string;
}

export async function planRestore(
  { repository: place, backup, target }: Where,
  request: RestoreRequest,
  context: JobContext,
): Promise<{ state: RestoreState; parts: readonly RestorePart[]; rowsTotal: number }> {
  const repository = await context.repository(place);
  const { id } = await repository.find(backup);
  await repository.beginReading(id, { reader: context.runId, until: lastMoment(context) });
  const manifest = await repository.manifest(id);
  const engine = context.engines.get(manifest.engine);
  const address = context.source(target);
  requireAble(engine, 'restore');
  const { parts, ...plan } = await engine.planRestore(address, repository, manifest, request, context);
  return { state: { target, repository: place, engine: engine.kind, plan }, parts, rowsTotal: plan.rowsTotal };
}

/** Clocks of machines differ, and so do the moments that they count from. */
const MARGIN_MS = 3_600_000;

/** No run goes on after it: the longest that any run may take is given to each, since a job does not know its plan. */
function lastMoment({ config: { plans, maxRunHours }, clock }: JobContext): number {
  const hours = Math.max(maxRunHours, ...plans.map((plan) => plan.maxRunHours));
  return clock.now() + hours * 3_600_000 + MARGIN_MS;
}

/** The backup may be deleted from here on. */
export async function endReading(asked: Pick<Where, 'repository' | 'backup'>, context: JobContext): Promise<void> {
  const repository = await context.repository(asked.repository);
  try {
    await repository.endReading(asked.backup, context.runId);
  } catch (thrown) {
    // Deleted before it was begun: then nothing of us is left there either.
    if (!hasCode(thrown, 'BACKUP_NOT_FOUND')) throw thrown;
  }
}

export async function beginRestore(state: RestoreState, context: JobContext): Promise<RestoreState> {
  const repository = await context.repository(state.repository);
  const engine = context.engines.get(state.engine);
  // The parts, of which there are none here, travel one by one.
  const plan = await engine.beginRestore(context.source(state.target), repository, wholePlan(state), context);
  return { ...state, plan };
}

export async function restorePart(
  state: RestoreState,
  part: RestorePart,
  { first }: PartTry,
  context: JobContext,
): Promise<RestorePartResult> {
  const repository = await context.repository(state.repository);
  const engine = context.engines.get(state.engine);
  return engine.restorePart(
    context.source(state.target),
    repository,
    wholePlan(state),
    part,
    { redo: !first },
    context,
  );
}

export async function finishRestore(
  { state, parts }: { readonly state: RestoreState; readonly parts: readonly RestorePart[] },
  context: JobContext,
): Promise<RestoreReport> {
  const engine = context.engines.get(state.engine);
  const repository = await context.repository(state.repository);
  return engine.finishRestore(context.source(state.target), repository, { ...state.plan, parts }, context);
}

export async function abandonRestore(state: RestoreState, context: JobContext): Promise<void> {
  await context.engines.get(state.engine).abandonRestore(context.source(state.target), wholePlan(state), context);
}

/** Only the end of a restore looks at the parts. */
const wholePlan = ({ plan }: RestoreState): RestorePlan => ({ ...plan, parts: [] });
