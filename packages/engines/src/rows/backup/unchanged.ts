import { fail, type CollectionDefinition } from '@milvault/shared';
import { fullName } from '../names.ts';

/** What of a collection decides what its rows are: if one of these differs, the rows that were read are of two minds. */
const IDENTITY: readonly (readonly [string, (definition: CollectionDefinition) => string])[] = [
  ['collection id', (one) => one.collectionId],
  ['fields', (one) => JSON.stringify([...one.fields].sort((a, b) => (a.name < b.name ? -1 : 1)))],
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
