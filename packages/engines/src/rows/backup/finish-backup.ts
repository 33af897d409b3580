import { addContentSums, type CollectionIndex, type CommitInput } from '@milvault/repository';
import { fail, type CollectionDefinition, type Consistency, type Warning } from '@milvault/shared';
import type { BackupPart, BackupPartResult, BackupPlan, EngineContext, PlannedCollection } from '../../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from '../at-once.ts';
import type { Session } from '../connect.ts';
import { countAll } from '../inspect.ts';
import { fullName } from '../names.ts';
import { warning } from '../warnings.ts';
import { judgeCounts, type DonePart, type Verdict } from './judge-counts.ts';
import { orChanged, requireSame } from './unchanged.ts';

interface Finished {
  readonly index: CollectionIndex;
  readonly verdict: Verdict;
}

/** Counts again, compares with what was saved, and gives what is to be committed. */
export async function finishBackup(
  session: Session,
  plan: BackupPlan,
  results: readonly BackupPartResult[],
  context: EngineContext,
): Promise<CommitInput> {
  requireAllParts(plan, results);
  const finished = await mapAtOnce(plan.collections, CALLS_AT_ONCE, (planned, place) => {
    const done = plan.parts
      .filter((part) => part.collection === place)
      .map((part) => ({ part, result: resultOf(results, part) }));
    return finishCollection(session, planned, done, context);
  });
  const verdicts = finished.map((one) => one.verdict);
  return {
    databases: plan.databases,
    collections: finished.map((one) => one.index),
    consistency: consistencyOf(plan, verdicts),
    warnings: [...plan.warnings, ...finished.flatMap(({ index, verdict }) => doubtsOf(index, verdict))],
  };
}

async function finishCollection(
  session: Session,
  planned: PlannedCollection,
  done: readonly DonePart[],
  context: EngineContext,
): Promise<Finished> {
  const { definition, countBefore } = planned;
  const [countAfter] = await Promise.all([
    orChanged(session, definition, countAll(session, definition, context.signal)),
    requireSame(session, definition),
  ]);
  const verdict = await judgeCounts(session, { definition, done, countBefore, countAfter }, context);
  const chunks = done.flatMap(({ result }) => result.chunks);
  const index: CollectionIndex = {
    definition,
    primaryKey: primaryKeyOf(definition),
    rows: chunks.reduce((sum, chunk) => sum + chunk.rows, 0),
    contentSum: addContentSums(...chunks.map((chunk) => chunk.contentSum)),
    counted: { before: countBefore, after: countAfter },
    shadowedDuplicates: verdict.shadowed,
    chunks,
  };
  return { index, verdict };
}

export function primaryKeyOf(definition: CollectionDefinition): string {
  const field = definition.fields.find((one) => one.primaryKey);
  if (field === undefined) throw fail('PROTOCOL_VIOLATION', { what: `${fullName(definition)} has no primary key` });
  return field.name;
}

function requireAllParts(plan: BackupPlan, results: readonly BackupPartResult[]): void {
  const missing = plan.parts.filter((part) => !results.some((result) => result.number === part.number));
  if (missing.length === 0 && results.length === plan.parts.length) return;
  throw fail('PART_FAILED', {
    what: 'The results of the parts are not those of the plan',
    expected: `${plan.parts.length} results, one for each part`,
    got: `${results.length}, without parts ${missing.map((part) => part.number).join(', ') || 'none'}`,
  });
}

function resultOf(results: readonly BackupPartResult[], part: BackupPart): BackupPartResult {
  const result = results.find((one) => one.number === part.number);
  if (result === undefined) throw fail('PART_FAILED', { what: `Part ${part.number} has no result` });
  return result;
}

const consistencyOf = (plan: BackupPlan, verdicts: readonly Verdict[]): Consistency =>
  plan.quiesced && verdicts.every((verdict) => !verdict.written) ? 'quiesced' : 'fuzzy';

function doubtsOf(index: CollectionIndex, verdict: Verdict): Warning[] {
  const { before, after } = index.counted;
  return [
    ...(verdict.written
      ? [warning('CONSISTENCY_FUZZY', index.definition, `count before ${before}, after ${after}, saved ${index.rows}`)]
      : []),
    ...(verdict.shadowed > 0
      ? [warning('SHADOWED_DUPLICATES', index.definition, `${verdict.shadowed} hidden rows`)]
      : []),
  ];
}
