import { createHash } from 'node:crypto';
import type { PersistentSegment, ReadRequest } from '@milvault/milvus';
import type { CollectionIndex, StillMark } from '@milvault/repository';
import { hasCode, type CollectionDefinition } from '@milvault/shared';
import { CALLS_AT_ONCE, mapAtOnce } from '../at-once.ts';
import type { Session } from '../connect.ts';
import { expires } from '../doubts.ts';
import { readUnits, WHOLE_COLLECTION } from './units.ts';

/**
 * How each partition looks to the server after a flush: which segments hold its rows, with how many rows each, and how
 * many rows are left of them. After a flush every insert and upsert lies in a segment of the list, and every deletion of
 * a row that is there makes the count smaller; so two equal looks have no write between them. The flush is needed:
 * Milvus 2.3.5 lists no growing segment (measured), neither by its data nor by its query nodes. Null where the server
 * does not tell: Milvus Lite, or without the right to flush or to ask.
 */
export async function lookStill(
  session: Session,
  request: Pick<ReadRequest, 'definition' | 'moment' | 'signal'>,
): Promise<readonly StillMark[] | null> {
  const { definition, signal } = request;
  if (session.lite || expires(definition)) return null;
  const segments = await flushedSegments(session, definition, signal);
  if (segments === null) return null;
  // After the flush: a row that is deleted between the two is missed here, and makes the next look differ.
  const counts = await mapAtOnce(readUnits(definition), CALLS_AT_ONCE, (partition) =>
    session.client.count({ definition, partition, signal }),
  );
  return readUnits(definition).map((unit, i): StillMark => {
    // Deletions that a server keeps by themselves belong to no partition, and so to each.
    const own = segments.filter((one) => unit === null || one.partition === unit || one.partition === null);
    const list = own.map(({ id, rows }) => `${id}:${rows}`).sort();
    return {
      partition: unit ?? WHOLE_COLLECTION,
      mark: createHash('sha256').update(list.join(',')).digest('hex'),
      rows: counts[i] ?? 0,
    };
  });
}

async function flushedSegments(
  { client }: Session,
  definition: CollectionDefinition,
  signal: AbortSignal,
): Promise<readonly PersistentSegment[] | null> {
  try {
    await client.flush(definition, signal);
    return await client.persistentSegments(definition, signal);
  } catch (error) {
    if (!hasCode(error, 'SOURCE_BUSY', 'SOURCE_REJECTED', 'SOURCE_UNSUPPORTED', 'SOURCE_AUTH_FAILED')) throw error;
    return null;
  }
}

/** Whether nothing was written to a collection between two looks. */
export const isStill = (before: readonly StillMark[] | null, after: readonly StillMark[] | null): boolean =>
  before !== null && after !== null && before.length === after.length && before.every((one, i) => same(one, after[i]));

const same = (a: StillMark, b: StillMark | undefined): boolean =>
  b !== undefined && a.partition === b.partition && a.mark === b.mark && a.rows === b.rows;

/**
 * Partitions that look as they did when the base was read, which was proved to be still then. A collection that was made
 * anew has other segments; one with hidden duplicates is read, since the base does not say where they are.
 */
export function unchangedSince(
  base: CollectionIndex,
  definition: CollectionDefinition,
  now: readonly StillMark[],
): string[] {
  if (base.definition.collectionId !== definition.collectionId || base.shadowedDuplicates > 0) return [];
  const before = new Map(base.still?.map((one) => [one.partition, one]));
  return now.filter((one) => same(one, before.get(one.partition))).map(({ partition }) => partition);
}
