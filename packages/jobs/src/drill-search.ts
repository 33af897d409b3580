import type { RestorePlan } from '@milvault/engines';
import type { MilvusClient } from '@milvault/milvus';
import type { Repository } from '@milvault/repository';
import { fail, type CollectionDefinition, type Column } from '@milvault/shared';

/** Stored vectors that are searched for in each collection. */
const SEARCHES = 3;

/**
 * Searches each restored collection for some of its own stored vectors. Gives how many searches were answered.
 * RESTORE_MISMATCH where one finds nothing. What has no index or no vector cannot be searched and is passed over.
 */
export async function searchStored(
  client: MilvusClient,
  plan: Omit<RestorePlan, 'parts'>,
  repository: Repository,
  signal: AbortSignal,
): Promise<number> {
  let searched = 0;
  for (const { index, targetDatabase, targetCollection } of plan.collections) {
    const [chunk] = index.chunks;
    const definition = await searchable(client, { database: targetDatabase, collection: targetCollection }, signal);
    if (chunk === undefined || definition === null) continue;
    const batch = await repository.readChunk(index, chunk);
    const field = vectorField(definition);
    const column = batch.columns.find((one) => one.field.name === field);
    if (field === null || column === undefined) continue;
    for (const vector of someVectors(column, batch.rows)) {
      const found = await client.search({ definition, field, vector, limit: 1, signal });
      if (found.length === 0) {
        throw fail('RESTORE_MISMATCH', {
          what: `A stored vector was searched in ${targetCollection} and nothing was found`,
        });
      }
      searched += 1;
    }
  }
  return searched;
}

/** The collection as it can be searched now; loads one that was stored unloaded. Null without a vector index. */
async function searchable(
  client: MilvusClient,
  ref: { database: string; collection: string },
  signal: AbortSignal,
): Promise<CollectionDefinition | null> {
  const definition = await client.describe(ref, signal);
  if (vectorField(definition) === null) return null;
  if (!definition.loaded) await client.load(ref, null, signal);
  return definition;
}

/** A vector field that can be asked with the bytes of a stored row: not one that the server computes. */
const vectorField = (definition: CollectionDefinition): string | null =>
  definition.fields.find(
    (field) =>
      field.type.endsWith('Vector') &&
      !field.functionOutput &&
      definition.indexes.some((index) => index.field === field.name),
  )?.name ?? null;

/** First, middle and last of the rows that have a vector. */
function someVectors({ data, valid }: Column, rows: number): Uint8Array[] {
  const present: number[] = [];
  for (let row = 0; row < rows; row++) if (valid === null || valid[row] === 1) present.push(row);
  const picked = new Set([0, Math.floor((present.length - 1) / 2), present.length - 1].slice(0, SEARCHES));
  return [...picked].flatMap((place) => {
    const row = present[place];
    const bytes = row === undefined ? undefined : bytesOf(data, row);
    return bytes === undefined || bytes.length === 0 ? [] : [bytes];
  });
}

function bytesOf(data: Column['data'], row: number): Uint8Array | undefined {
  if (data.kind === 'fixed') return data.bytes.subarray(row * data.width, (row + 1) * data.width);
  return data.kind === 'bytes' ? data.values[row] : undefined;
}
