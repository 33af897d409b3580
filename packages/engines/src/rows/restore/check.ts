import type { CollectionRef, MilvusClient } from '@milvault/milvus';
import type { Manifest, Repository } from '@milvault/repository';
import { hasCode, type RestoreCheck } from '@milvault/shared';
import type { RestoreRequest } from '../../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from '../at-once.ts';
import { chooseTargets, readIndexes } from './targets.ts';

type Existing = RestoreCheck['collections'][number]['exists'];

/**
 * What a restore would make, and what is in its way, without changing anything on the target. The same faults as of a plan
 * for names (COLLECTION_NOT_FOUND, PARTITION_NOT_FOUND, NAME_INVALID, TARGET_EXISTS where two would get one name); a name
 * that is taken is told, not thrown. A plan finds out more: it reads every stored byte and tries the target.
 */
export async function checkRestore(
  client: MilvusClient,
  repository: Repository,
  manifest: Manifest,
  request: RestoreRequest,
  signal: AbortSignal,
): Promise<RestoreCheck> {
  const targets = chooseTargets(manifest, request);
  const { chosen, warnings } = await readIndexes(repository, manifest, targets, request.partitions);
  const [{ version }, found] = await Promise.all([client.server(signal), client.databases(signal)]);
  const databases = found.map(({ name }) => name);
  const collections = await mapAtOnce(chosen, CALLS_AT_ONCE, async ({ target: { from, to }, index }) => ({
    ...from,
    targetDatabase: to.database,
    targetCollection: to.collection,
    rows: index.rows,
    bytes: index.chunks.reduce((sum, chunk) => sum + chunk.size, 0),
    exists: databases.includes(to.database) ? await existing(client, to, signal) : null,
  }));
  return {
    target: client.address,
    serverVersion: version,
    collections,
    newDatabases: [...new Set(collections.map((one) => one.targetDatabase))].filter((one) => !databases.includes(one)),
    warnings,
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
