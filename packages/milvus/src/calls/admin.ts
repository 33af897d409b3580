import { fail, hasCode, type CollectionDefinition, type DatabaseDefinition } from '@milvault/shared';
import { METHODS } from '../protocol/methods.ts';
import type { CollectionRef } from '../port.ts';
import { retried } from '../transport/retry.ts';
import type { CallOptions, Transport } from '../transport/transport.ts';
import { isLoaded, partitionNames } from './parts.ts';

const named = (ref: CollectionRef): { dbName: string; collectionName: string } => ({
  dbName: ref.database,
  collectionName: ref.collection,
});
const at = (ref: CollectionRef, signal: AbortSignal | undefined): CallOptions => ({ database: ref.database, signal });

const POLL_MS = 200;
/** A backup waits for two flushes. */
const FLUSH_POLL_MS = 20;
const LOAD_LIMIT_MS = 30 * 60_000;
const FLUSH_LIMIT_MS = 10 * 60_000;
/** The call itself may build an index (Lite) or wait for nodes. */
const LOAD_CALL_MS = 10 * 60_000;

export async function collections(transport: Transport, database: string, signal?: AbortSignal): Promise<string[]> {
  const reply = await retried(transport.clock, signal, () =>
    transport.call(METHODS.showCollections, { dbName: database }, { database, signal }),
  );
  return reply.collectionNames;
}

export async function hasCollection(transport: Transport, ref: CollectionRef, signal?: AbortSignal): Promise<boolean> {
  const reply = await retried(transport.clock, signal, () =>
    transport.call(METHODS.hasCollection, named(ref), at(ref, signal)),
  );
  return reply.value;
}

export async function createDatabase(
  transport: Transport,
  definition: DatabaseDefinition,
  signal?: AbortSignal,
): Promise<void> {
  const { name, properties } = definition;
  await transport.call(METHODS.createDatabase, { dbName: name, properties }, { signal });
}

export async function dropDatabase(transport: Transport, name: string, signal?: AbortSignal): Promise<void> {
  await transport.call(METHODS.dropDatabase, { dbName: name }, { signal });
}

export async function createPartition(
  transport: Transport,
  ref: CollectionRef,
  partition: string,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await transport.call(METHODS.createPartition, { ...named(ref), partitionName: partition }, at(ref, signal));
  } catch (error) {
    // Milvus takes a second creation for success; Lite refuses it with no more than the partition's name.
    if (!hasCode(error, 'SOURCE_REJECTED')) throw error;
    const names = await partitionNames(transport, ref, signal);
    if (!names.includes(partition)) throw error;
  }
}

/** Kinds of index that a server describes by a name which it does not take. */
const INDEX_TYPES: Readonly<Record<string, string>> = { 'marisa-trie': 'Trie' };

export async function createIndex(
  transport: Transport,
  ref: CollectionRef,
  index: CollectionDefinition['indexes'][number],
  signal?: AbortSignal,
): Promise<void> {
  const extraParams = index.params.map(({ key, value }) => ({
    key,
    value: key === 'index_type' ? (INDEX_TYPES[value] ?? value) : value,
  }));
  await transport.call(
    METHODS.createIndex,
    { ...named(ref), fieldName: index.field, indexName: index.name, extraParams },
    at(ref, signal),
  );
}

export async function createAlias(
  transport: Transport,
  ref: CollectionRef,
  alias: string,
  signal?: AbortSignal,
): Promise<void> {
  await transport.call(METHODS.createAlias, { ...named(ref), alias }, at(ref, signal));
}

export async function alterAlias(
  transport: Transport,
  ref: CollectionRef,
  alias: string,
  signal?: AbortSignal,
): Promise<void> {
  await transport.call(METHODS.alterAlias, { ...named(ref), alias }, at(ref, signal));
}

export async function setProperties(
  transport: Transport,
  ref: CollectionRef,
  properties: CollectionDefinition['properties'],
  signal?: AbortSignal,
): Promise<void> {
  if (properties.length === 0) return;
  await transport.call(METHODS.alterCollection, { ...named(ref), properties }, at(ref, signal));
}

export async function removeProperties(
  transport: Transport,
  ref: CollectionRef,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  await transport.call(METHODS.alterCollection, { ...named(ref), deleteKeys: keys }, at(ref, signal));
}

export async function startLoad(transport: Transport, ref: CollectionRef, signal?: AbortSignal): Promise<void> {
  const options = { ...at(ref, signal), timeoutMs: LOAD_CALL_MS };
  await transport.call(METHODS.loadCollection, { ...named(ref), replicaNumber: 1 }, options);
}

export async function load(
  transport: Transport,
  ref: CollectionRef,
  partitions: readonly string[] | null,
  signal?: AbortSignal,
): Promise<void> {
  if (partitions === null) {
    await startLoad(transport, ref, signal);
  } else {
    const request = { ...named(ref), partitionNames: partitions, replicaNumber: 1 };
    await transport.call(METHODS.loadPartitions, request, { ...at(ref, signal), timeoutMs: LOAD_CALL_MS });
  }
  const loaded = (): Promise<boolean> => isLoaded(transport, ref, partitions ?? [], signal);
  await until(transport, loaded, `${ref.collection} to be loaded`, LOAD_LIMIT_MS, signal);
}

export async function release(transport: Transport, ref: CollectionRef, signal?: AbortSignal): Promise<void> {
  await transport.call(METHODS.releaseCollection, named(ref), at(ref, signal));
}

/** Servers allow few flushes per collection and time, and say "busy" to more: waiting is right, as nothing is lost. */
export async function flush(transport: Transport, ref: CollectionRef, signal?: AbortSignal): Promise<void> {
  const { database, collection } = ref;
  const started = await retried(transport.clock, signal, () =>
    transport.call(METHODS.flush, { dbName: database, collectionNames: [collection] }, at(ref, signal)),
  );
  const segmentIDs = started.collSegIDs.find((one) => one.key === collection)?.value?.data ?? [];
  const flushTs = started.collFlushTs.find((one) => one.key === collection)?.value ?? '0';
  const request = { segmentIDs, flushTs, dbName: database, collectionName: collection };
  const flushed = async (): Promise<boolean> =>
    (await retried(transport.clock, signal, () => transport.call(METHODS.getFlushState, request, at(ref, signal))))
      .flushed;
  await until(transport, flushed, `${collection} to be flushed`, FLUSH_LIMIT_MS, signal, FLUSH_POLL_MS);
}

export async function rename(
  transport: Transport,
  ref: CollectionRef,
  collection: string,
  signal?: AbortSignal,
): Promise<void> {
  const request = { dbName: ref.database, oldName: ref.collection, newName: collection };
  await transport.call(METHODS.renameCollection, request, at(ref, signal));
}

export async function drop(transport: Transport, ref: CollectionRef, signal?: AbortSignal): Promise<void> {
  await transport.call(METHODS.dropCollection, named(ref), at(ref, signal));
}

async function until(
  { clock }: Transport,
  done: () => Promise<boolean>,
  what: string,
  limitMs: number,
  signal?: AbortSignal,
  pollMs = POLL_MS,
): Promise<void> {
  const start = clock.monotonic();
  while (!(await done())) {
    if (clock.monotonic() - start > limitMs) {
      throw fail('SOURCE_TIMEOUT', { expected: `${what} within ${limitMs / 60_000} minutes`, got: 'still waiting' });
    }
    await clock.sleep(pollMs, signal);
  }
}
