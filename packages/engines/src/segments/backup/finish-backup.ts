import type { CollectionIndex, CommitInput, SegmentEntry } from '@milvault/repository';
import { fail } from '@milvault/shared';
import { CALLS_AT_ONCE, mapAtOnce } from '../../rows/at-once.ts';
import { orChanged, requireSame } from '../../rows/backup/unchanged.ts';
import type { Session } from '../../rows/connect.ts';
import { warning } from '../../rows/warnings.ts';
import type { SegmentsCollection, SegmentsPartResult, SegmentsPlan } from '../parts.ts';
import { indexOf } from './backup-part.ts';

/** Looks whether the collections are still those that were planned, and puts kept and copied segments together. */
export async function finishBackup(
  session: Session,
  plan: SegmentsPlan,
  results: readonly SegmentsPartResult[],
): Promise<CommitInput> {
  requireAllParts(plan, results);
  await mapAtOnce(plan.collections, CALLS_AT_ONCE, ({ definition }) =>
    orChanged(session, definition, requireSame(session, definition)),
  );
  return {
    engine: 'segments',
    databases: plan.databases,
    collections: plan.collections.map((planned, place) =>
      indexOfCollection(
        planned,
        results.filter((one) => one.collection === place).flatMap((one) => one.segments),
      ),
    ),
    consistency: plan.consistency,
    warnings: [
      ...plan.warnings,
      ...plan.collections.flatMap(({ definition, doubt }) =>
        doubt === null ? [] : [warning('CONSISTENCY_FUZZY', definition, doubt)],
      ),
    ],
  };
}

function indexOfCollection(planned: SegmentsCollection, copied: readonly SegmentEntry[]): CollectionIndex {
  const { definition, upTo, fields, kept } = planned;
  const list = [...kept, ...copied].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  return indexOf(definition, { upTo, fields, list });
}

function requireAllParts(plan: SegmentsPlan, results: readonly SegmentsPartResult[]): void {
  const missing = plan.parts.filter((part) => !results.some((result) => result.number === part.number));
  if (missing.length === 0 && results.length === plan.parts.length) return;
  throw fail('PART_FAILED', {
    what: 'The results of the parts are not those of the plan',
    expected: `${plan.parts.length} results, one for each part`,
    got: `${results.length}, without parts ${missing.map((part) => part.number).join(', ') || 'none'}`,
  });
}
