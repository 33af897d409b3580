import { fail, type CollectionDefinition } from '@milvault/shared';
import type { EngineContext } from '../../port.ts';
import type { Session } from '../connect.ts';
import { fullName } from '../names.ts';
import type { RowsPart, RowsPartResult } from '../parts.ts';
import { rangePlanOf } from './part-range.ts';

/** What the counts of a collection say about its saved rows. */
export interface Verdict {
  /** The counts show that somebody wrote meanwhile. */
  readonly written: boolean;
  /** Physical rows that a newer row with the same key hides: counted by Milvus, given by no query. */
  readonly shadowed: number;
}

/** One part and what was saved of it. */
export interface DonePart {
  readonly part: RowsPart;
  readonly result: RowsPartResult;
}

export interface CountCase {
  readonly definition: CollectionDefinition;
  readonly done: readonly DonePart[];
  readonly countBefore: number;
  readonly countAfter: number;
  /** Rows of partitions that were not read, since nothing changed in them. */
  readonly unread: number;
}

/**
 * Compares the saved rows with count(*) before and after. Saved rows and hidden duplicates, which the parts proved, must
 * be the rows that Milvus counts; another number is accepted only between two counts that differ, because then somebody
 * wrote. ROW_COUNT_MISMATCH otherwise.
 */
export async function judgeCounts(session: Session, known: CountCase, context: EngineContext): Promise<Verdict> {
  const { countBefore, countAfter, done, definition, unread } = known;
  const shadowed = done.reduce((sum, { result }) => sum + result.shadowed, 0);
  const accounted = done.reduce((sum, { result }) => sum + result.rows, shadowed + unread);
  const least = Math.min(countBefore, countAfter);
  const most = Math.max(countBefore, countAfter);
  if (accounted >= least && accounted <= most) return { written: least !== most, shadowed };
  for (const one of done) await refuseUnreadableKey(session, one.part, context.signal);
  throw fail('ROW_COUNT_MISMATCH', {
    what: `Rows of ${fullName(definition)} are missing or too many`,
    expected: least === most ? `${most} rows by count(*)` : `${least} to ${most} rows by count(*) before and after`,
    got: `${accounted} rows, ${shadowed} of them hidden duplicates`,
    details: {
      database: definition.database,
      collection: definition.collection,
      countBefore,
      countAfter,
      parts: await differingParts(session, done, context.signal),
    },
  });
}

/** The key ranges that hold another number of rows than was saved of them. */
async function differingParts(session: Session, done: readonly DonePart[], signal: AbortSignal): Promise<unknown[]> {
  const differing: unknown[] = [];
  for (const { part, result } of done) {
    const { definition, partition, after, upTo } = part;
    const { after: from, upTo: to } = rangePlanOf(part);
    const counted = await session.client.count({ definition, partition, signal, range: { after: from, upTo: to } });
    const accounted = result.rows + result.shadowed;
    if (counted !== accounted) differing.push({ partition, after, upTo, counted, accounted });
  }
  return differing;
}

const LARGEST = 2n ** 63n - 1n;

/** Milvus 2.3 counts a row with the largest int64 as its key, and leaves it out of every answer. */
async function refuseUnreadableKey(
  session: Session,
  { definition, partition }: RowsPart,
  signal: AbortSignal,
): Promise<void> {
  const int64 = definition.fields.some((field) => field.primaryKey && field.type === 'Int64');
  if (!int64 || session.lite) return;
  const request = { definition, partition, signal };
  if ((await session.client.countKeys(request, [LARGEST])) === 0) return;
  const { batch } = await session.client.read({ ...request, range: { after: LARGEST - 1n, upTo: LARGEST } });
  if (batch.rows > 0) return;
  throw fail('ROW_COUNT_MISMATCH', {
    what: `${fullName(definition)} has a row with the key ${LARGEST}, which this Milvus counts and gives to nobody`,
    next: 'Write that row again under another key and delete this one: no query of this version of Milvus can read it',
    details: { database: definition.database, collection: definition.collection, key: LARGEST.toString() },
  });
}
