import { fail, hasCode, type CollectionDefinition } from '@milvault/shared';
import type { Session } from '../connect.ts';
import { fullName } from '../names.ts';

/** The fields of a collection as one text, whatever order a server tells them in. */
export function fieldsOf({ fields }: CollectionDefinition): string {
  return JSON.stringify([...fields].sort((a, b) => (a.name < b.name ? -1 : 1)));
}

/** What of a collection decides what its rows are: if one of these differs, the rows that were read are of two minds. */
const IDENTITY: readonly (readonly [string, (definition: CollectionDefinition) => string])[] = [
  ['collection id', (one) => one.collectionId],
  ['fields', fieldsOf],
  ['partitions', (one) => JSON.stringify(one.partitions.map((partition) => partition.name).sort())],
  ['partition key mode', (one) => String(one.partitionKeyMode)],
];

/** COLLECTION_CHANGED where the collection is not the one that was planned. */
export function requireUnchanged(planned: CollectionDefinition, now: CollectionDefinition): void {
  for (const [what, of] of IDENTITY) {
    const [expected, got] = [of(planned), of(now)];
    if (expected === got) continue;
    throw fail('COLLECTION_CHANGED', {
      what: `The ${what} of ${fullName(planned)} changed during its backup`,
      expected,
      got,
      details: { database: planned.database, collection: planned.collection },
    });
  }
}

/** Looks again. COLLECTION_CHANGED where the collection is gone or another one. */
export async function requireSame({ client }: Session, planned: CollectionDefinition): Promise<void> {
  try {
    requireUnchanged(planned, await client.describe(planned));
  } catch (error) {
    if (!hasCode(error, 'COLLECTION_NOT_FOUND', 'DATABASE_NOT_FOUND')) throw error;
    throw fail('COLLECTION_CHANGED', { what: `${fullName(planned)} was dropped during its backup`, cause: error });
  }
}

const MAY_BE_CHANGE = ['COLLECTION_NOT_FOUND', 'DATABASE_NOT_FOUND', 'SOURCE_REJECTED', 'PROTOCOL_VIOLATION'] as const;

/**
 * Work on a collection that the backup began with. Where the server refuses it, the reason is often that somebody
 * dropped or changed the collection, which the refusal alone does not say: then COLLECTION_CHANGED.
 */
export async function orChanged<T>(session: Session, planned: CollectionDefinition, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, ...MAY_BE_CHANGE)) await requireSame(session, planned);
    throw error;
  }
}
