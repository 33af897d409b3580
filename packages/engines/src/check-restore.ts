import type { CollectionRef, MilvusClient } from '@milvault/milvus';
import { hasCode, type RestoreCheck } from '@milvault/shared';
import type { WouldRestore } from './port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from './rows/at-once.ts';

type Existing = RestoreCheck['collections'][number]['exists'];

/**
 * What is in the way of a restore on its target, without changing anything there. A name that is taken is told, not
 * thrown. SOURCE_ faults where the target does not answer.
 */
export async function checkRestore(
  client: MilvusClient,
  would: WouldRestore,
  signal: AbortSignal,
): Promise<RestoreCheck> {
  const [{ version }, found] = await Promise.all([client.server(signal), client.databases(signal)]);
  const databases = found.map(({ name }) => name);
  const collections = await mapAtOnce(would.collections, CALLS_AT_ONCE, async (one) => {
    const to = { database: one.targetDatabase, collection: one.targetCollection };
    return { ...one, exists: databases.includes(to.database) ? await existing(client, to, signal) : null };
  });
  return {
    target: client.address,
    serverVersion: version,
    collections,
    newDatabases: [...new Set(collections.map((one) => one.targetDatabase))].filter((one) => !databases.includes(one)),
    warnings: [...would.warnings],
    ready: collections.length > 0 && collections.every(({ exists }) => exists === null),
  };
}

/** A server answers for an alias as for its collection, so the name that it gives may be another one. */
async function existing(client: MilvusClient, ref: CollectionRef, signal: AbortSignal): Promise<Existing> {
  if (!(await client.hasCollection(ref, signal))) return null;
  try {
    const definition = await client.describe(ref, signal);
    const rows = await client.count({ definition, partition: null, moment: null, signal }).catch(unloaded);
    return { collection: definition.collection, rows };
  } catch (error) {
    // It was dropped since: the name is free.
    if (hasCode(error, 'COLLECTION_NOT_FOUND')) return null;
    throw error;
  }
}

function unloaded(error: unknown): null {
  if (hasCode(error, 'COLLECTION_NOT_LOADED', 'SOURCE_REJECTED')) return null;
  throw error;
}
