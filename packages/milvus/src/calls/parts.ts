import { isMilvaultError, type CollectionDefinition } from '@milvault/shared';
import { METHODS } from '../protocol/methods.ts';
import type { CollectionRef } from '../port.ts';
import { retried } from '../transport/retry.ts';
import type { Transport } from '../transport/transport.ts';

const named = (ref: CollectionRef): { dbName: string; collectionName: string } => ({
  dbName: ref.database,
  collectionName: ref.collection,
});

/** LoadState of the protocol. */
const LOADED = 3;

/** Whether the collection, or each of these partitions, is loaded. */
export async function isLoaded(
  transport: Transport,
  ref: CollectionRef,
  partitions: readonly string[],
  signal?: AbortSignal,
): Promise<boolean> {
  const reply = await retried(transport.clock, signal, () =>
    transport.call(
      METHODS.getLoadState,
      { ...named(ref), partitionNames: partitions },
      { database: ref.database, signal },
    ),
  );
  return reply.state === LOADED;
}

export async function partitionNames(
  transport: Transport,
  ref: CollectionRef,
  signal?: AbortSignal,
): Promise<string[]> {
  const reply = await retried(transport.clock, signal, () =>
    transport.call(METHODS.showPartitions, named(ref), { database: ref.database, signal }),
  );
  return reply.partitionNames;
}

/** `loaded`: the state of all of them, where they are loaded together (Lite, a partition key); else each is asked for. */
export async function describePartitions(
  transport: Transport,
  ref: CollectionRef,
  loaded: boolean | 'each',
  signal?: AbortSignal,
): Promise<CollectionDefinition['partitions']> {
  const partitions: CollectionDefinition['partitions'] = [];
  for (const name of await partitionNames(transport, ref, signal)) {
    // Milvus calls a collection loaded when one of its partitions is.
    partitions.push({ name, loaded: loaded === 'each' ? await isLoaded(transport, ref, [name], signal) : loaded });
  }
  return partitions;
}

/** Milvus's and Lite's codes for a collection that has no index at all, which is not a fault here. */
const NO_INDEX = { code: 700, errorCodes: [11, 25] };

export async function describeIndexes(
  transport: Transport,
  ref: CollectionRef,
  signal?: AbortSignal,
): Promise<CollectionDefinition['indexes']> {
  try {
    const reply = await retried(transport.clock, signal, () =>
      transport.call(METHODS.describeIndex, named(ref), { database: ref.database, signal }),
    );
    return reply.indexDescriptions.map((one) => ({ field: one.fieldName, name: one.indexName, params: one.params }));
  } catch (error) {
    if (saysNoIndex(error)) return [];
    throw error;
  }
}

function saysNoIndex(error: unknown): boolean {
  if (!isMilvaultError(error)) return false;
  const { code, errorCode } = error.details ?? {};
  return code === NO_INDEX.code || NO_INDEX.errorCodes.some((one) => one === errorCode);
}

export async function listAliases(transport: Transport, ref: CollectionRef, signal?: AbortSignal): Promise<string[]> {
  const reply = await retried(transport.clock, signal, () =>
    transport.call(METHODS.listAliases, named(ref), { database: ref.database, signal }),
  );
  return reply.aliases;
}
