import { addContentSums, contentSum, fingerprints, type ChunkEntry, type CollectionIndex } from '@milvault/repository';
import { compareKeys, fail, type CollectionDefinition, type PrimaryKey } from '@milvault/shared';
import type { EngineContext } from '../../port.ts';
import type { Session } from '../connect.ts';
import { fullName } from '../names.ts';
import { readPages, type PageSource } from '../read/pages.ts';
import type { RangePlan } from '../read/ranges.ts';
import { estimateRowBytes } from '../row-size.ts';

/** Ranges that one chunk is cut into for reading, where its keys are numbers: bounds are a plan, so a guess will do. */
const RANGES_PER_CHUNK = 8;
const SHOWN = 3;

/**
 * Reads every row of a restored collection back and compares rows and content with the backup's index.
 * RESTORE_MISMATCH with the key ranges that differ.
 */
export async function compareContent(
  session: Session,
  index: CollectionIndex,
  restored: CollectionDefinition,
  context: EngineContext,
): Promise<void> {
  const counted = await session.client.count({ definition: restored, partition: null, signal: context.signal });
  if (counted !== index.rows) {
    throw mismatch(index, restored, `${index.rows} rows`, `${counted} rows by count(*)`, []);
  }
  const moment = await session.client.moment(context.signal);
  for (const [partition, chunks] of chunksByPartition(index)) {
    const place = { ...session, definition: restored, partition: restored.partitionKeyMode ? null : partition, moment };
    const expected = addContentSums(...chunks.map((chunk) => chunk.contentSum));
    const got = await sumOf(place, rangesOf(index, chunks), context);
    if (expected === got.sum) continue;
    const differing = await locate(place, index, chunks, context);
    throw mismatch(index, restored, `content ${expected}`, `content ${got.sum} of ${got.rows} rows`, differing);
  }
}

export type Place = Session & Pick<PageSource, 'definition' | 'partition' | 'moment'>;

/** Rows of a range that come back, and the sum of their fingerprints. */
export async function sumOf(
  place: Place,
  plan: RangePlan,
  context: EngineContext,
): Promise<{ sum: string; rows: number }> {
  let rows = 0;
  let sum = addContentSums();
  for await (const { batch } of readPages({ ...place, signal: context.signal }, plan)) {
    rows += batch.rows;
    sum = addContentSums(sum, contentSum(fingerprints(batch)));
  }
  return { sum, rows };
}

function chunksByPartition(index: CollectionIndex): Map<string, ChunkEntry[]> {
  const groups = new Map<string, ChunkEntry[]>();
  for (const chunk of index.chunks) groups.set(chunk.partition, [...(groups.get(chunk.partition) ?? []), chunk]);
  return groups;
}

const isInt64 = (index: CollectionIndex): boolean =>
  index.definition.fields.some((field) => field.primaryKey && field.type === 'Int64');

/** All keys of a partition, cut where the backup's chunks end, and finer where keys are numbers. */
function rangesOf(index: CollectionIndex, chunks: readonly ChunkEntry[]): RangePlan {
  const int64 = isInt64(index);
  const all = chunks.flatMap((chunk): PrimaryKey[] => (int64 ? boundsWithin(chunk) : [chunk.keyMax]));
  // The chunks of an incremental overlap.
  const rising = all.sort(compareKeys).filter((key, i) => i === 0 || compareKeys(key, all[i - 1] ?? key) !== 0);
  const bounds = rising.slice(0, -1);
  const rowsExpected = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  const stored = chunks.reduce((sum, chunk) => sum + chunk.size, 0) / rowsExpected;
  // Text shrinks when it is stored, and a schema does not tell its length: the larger guess makes the smaller pages.
  const rowBytes = Math.max(stored, estimateRowBytes(index.definition).bytes);
  return { after: null, upTo: null, bounds, rowsExpected, rowBytes };
}

function boundsWithin(chunk: ChunkEntry): bigint[] {
  const [from, to] = [BigInt(chunk.keyMin), BigInt(chunk.keyMax)];
  const steps = BigInt(Math.min(RANGES_PER_CHUNK, chunk.rows));
  const bounds = Array.from({ length: Number(steps) }, (_, i) => from + ((to - from) * BigInt(i + 1)) / steps);
  return [...new Set(bounds)];
}

interface KeySpan {
  readonly keyMin: string;
  readonly keyMax: string;
  readonly rows: number;
  readonly size: number;
  readonly contentSum: string;
}

/** Chunks that overlap count as one: a range of keys then has all its rows in one of the spans. */
function spansOf(index: CollectionIndex, chunks: readonly ChunkEntry[]): KeySpan[] {
  const key = (text: string): PrimaryKey => (isInt64(index) ? BigInt(text) : text);
  const spans: KeySpan[] = [];
  for (const { keyMin, keyMax, rows, size, contentSum } of chunks) {
    const last = spans.at(-1);
    if (last === undefined || compareKeys(key(last.keyMax), key(keyMin)) < 0) {
      spans.push({ keyMin, keyMax, rows, size, contentSum });
      continue;
    }
    spans[spans.length - 1] = {
      keyMin: last.keyMin,
      keyMax: compareKeys(key(last.keyMax), key(keyMax)) < 0 ? keyMax : last.keyMax,
      rows: last.rows + rows,
      size: last.size + size,
      contentSum: addContentSums(last.contentSum, contentSum),
    };
  }
  return spans;
}

/** The spans whose rows are not on the target as they were saved. */
async function locate(
  place: Place,
  index: CollectionIndex,
  chunks: readonly ChunkEntry[],
  context: EngineContext,
): Promise<string[]> {
  const differing: string[] = [];
  let after: PrimaryKey | null = null;
  for (const chunk of spansOf(index, chunks)) {
    const upTo: PrimaryKey = isInt64(index) ? BigInt(chunk.keyMax) : chunk.keyMax;
    const plan = { after, upTo, bounds: [], rowsExpected: chunk.rows, rowBytes: chunk.size / chunk.rows };
    const got = await sumOf(place, plan, context);
    if (got.sum !== chunk.contentSum) {
      differing.push(`keys ${chunk.keyMin} to ${chunk.keyMax} (${chunk.rows} saved, ${got.rows} restored)`);
    }
    after = upTo;
  }
  return differing;
}

export const mismatch = (
  index: CollectionIndex,
  restored: CollectionDefinition,
  expected: string,
  got: string,
  differing: readonly string[],
): Error =>
  fail('RESTORE_MISMATCH', {
    what: `${fullName(index.definition)} was not restored as it was saved${
      differing.length === 0 ? '' : `, in ${differing.length} place(s): ${differing.slice(0, SHOWN).join('; ')}`
    }`,
    expected,
    got,
    details: { database: restored.database, staging: restored.collection, differing },
  });
