import type { Moment } from '@milvault/milvus';
import {
  addContentSums,
  type BackupDraft,
  type ChunkEntry,
  type CollectionIndex,
  type CommitInput,
  type Repository,
} from '@milvault/repository';
import { fail, type CollectionDefinition, type Consistency, type RowChanges, type Warning } from '@milvault/shared';
import type { EngineContext } from '../../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from '../at-once.ts';
import type { Session } from '../connect.ts';
import { countAll } from '../inspect.ts';
import { fullName } from '../names.ts';
import type { RowsCollection, RowsPart, RowsPartResult, RowsPlan } from '../parts.ts';
import { warning } from '../warnings.ts';
import { baseIndexOf } from './base.ts';
import { joinWithBase } from './join.ts';
import { judgeCounts, type DonePart, type Verdict } from './judge-counts.ts';
import { isStill, lookStill } from './still.ts';
import { orChanged, requireSame } from './unchanged.ts';
import { chunkPartitions } from './units.ts';

interface Finished {
  readonly index: CollectionIndex;
  readonly verdict: Verdict;
  readonly still: boolean;
}

/** Counts again, compares with what was saved, and gives what is to be committed. */
export async function finishBackup(
  session: Session,
  repository: Repository,
  draft: BackupDraft,
  plan: RowsPlan,
  results: readonly RowsPartResult[],
  context: EngineContext,
): Promise<CommitInput> {
  requireAllParts(plan, results);
  const finished = await mapAtOnce(plan.collections, CALLS_AT_ONCE, (planned, place) => {
    const done = plan.parts
      .filter((part) => part.collection === place)
      .map((part) => ({ part, result: resultOf(results, part) }));
    return finishCollection(session, { repository, draft, plan, planned, done }, context);
  });
  return {
    engine: 'rows',
    databases: plan.databases,
    collections: finished.map((one) => one.index),
    consistency: consistencyOf(plan, finished),
    warnings: [...plan.warnings, ...finished.flatMap(({ index, verdict }) => doubtsOf(index, verdict))],
  };
}

interface FinishCase {
  readonly repository: Repository;
  readonly draft: BackupDraft;
  readonly plan: RowsPlan;
  readonly planned: RowsCollection;
  readonly done: readonly DonePart[];
}

async function finishCollection(session: Session, known: FinishCase, context: EngineContext): Promise<Finished> {
  const { plan, planned, done } = known;
  const { definition, countBefore } = planned;
  const { signal } = context;
  const [countAfter, after] = await Promise.all([
    orChanged(session, definition, countAll(session, definition, signal, plan.quiesced ? null : readBy(done))),
    planned.still === null ? null : lookStill(session, { definition, signal }),
    requireSame(session, definition),
  ]);
  const unread = (planned.still ?? []).filter(({ partition }) => planned.unchanged.includes(partition));
  const counted = { definition, done, countBefore, countAfter, unread: unread.reduce((sum, one) => sum + one.rows, 0) };
  const verdict = await judgeCounts(session, counted, context);
  const still = isStill(planned.still, after);
  const { chunks, changes } = await chunksOf(known);
  const index: CollectionIndex = {
    definition,
    primaryKey: primaryKeyOf(definition),
    rows: chunks.reduce((sum, chunk) => sum + chunk.rows, 0),
    contentSum: addContentSums(...chunks.map((chunk) => chunk.contentSum)),
    counted: { before: countBefore, after: countAfter },
    shadowedDuplicates: verdict.shadowed,
    chunks,
    ...(still && planned.still !== null ? { still: planned.still } : {}),
    ...(changes === null ? {} : { changes }),
  };
  return { index, verdict, still };
}

/**
 * When the last page of the collection had come. A count that is as new as that is as new as every row that was read,
 * and waits for nothing when the rows have been stored meanwhile (a strong one: some 170 ms). Null: count strongly. Where
 * somebody gave his word that nothing writes, it is held against the newest count, whatever it takes.
 */
function readBy(done: readonly DonePart[]): Moment | null {
  const moments = done.flatMap(({ result }) => result.readBy ?? []);
  if (moments.length < done.length) return null;
  return moments.reduce<Moment | null>((last, one) => (last !== null && BigInt(last) > BigInt(one) ? last : one), null);
}

async function chunksOf({
  repository,
  draft,
  plan,
  planned,
  done,
}: FinishCase): Promise<{ readonly chunks: ChunkEntry[]; readonly changes: RowChanges | null }> {
  const { definition, unchanged } = planned;
  const results = done.map(({ result }) => result);
  const base = await baseIndexOf(repository, { definition, base: planned.borrows ? plan.base : null });
  if (base === null) return { chunks: results.flatMap((result) => result.chunks), changes: null };
  const partitions = chunkPartitions(definition);
  return joinWithBase(repository, draft, { definition, base, partitions, unchanged, results });
}

export function primaryKeyOf(definition: CollectionDefinition): string {
  const field = definition.fields.find((one) => one.primaryKey);
  if (field === undefined) throw fail('PROTOCOL_VIOLATION', { what: `${fullName(definition)} has no primary key` });
  return field.name;
}

function requireAllParts(plan: RowsPlan, results: readonly RowsPartResult[]): void {
  const missing = plan.parts.filter((part) => !results.some((result) => result.number === part.number));
  if (missing.length === 0 && results.length === plan.parts.length) return;
  throw fail('PART_FAILED', {
    what: 'The results of the parts are not those of the plan',
    expected: `${plan.parts.length} results, one for each part`,
    got: `${results.length}, without parts ${missing.map((part) => part.number).join(', ') || 'none'}`,
  });
}

function resultOf(results: readonly RowsPartResult[], part: RowsPart): RowsPartResult {
  const result = results.find((one) => one.number === part.number);
  if (result === undefined) throw fail('PART_FAILED', { what: `Part ${part.number} has no result` });
  return result;
}

/**
 * Every collection is looked at before the first is read and again after the last: all that were still are so at one and
 * the same time.
 */
function consistencyOf(plan: RowsPlan, finished: readonly Finished[]): Consistency {
  if (finished.length > 0 && finished.every((one) => one.still)) return 'proved-still';
  return plan.quiesced && finished.every(({ verdict }) => !verdict.written) ? 'quiesced' : 'fuzzy';
}

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
