import type { CollectionRef, CreateOptions, MilvusClient } from '@milvault/milvus';
import type { CollectionDefinition } from '@milvault/shared';
import type { PlannedRestore } from '../../port.ts';

export const stagingRef = (planned: PlannedRestore): CollectionRef => ({
  database: planned.targetDatabase,
  collection: planned.stagingCollection,
});

/** Of the trial before: a name of its own, so that a try that is late cannot drop what another one fills. */
export const trialRef = (planned: PlannedRestore): CollectionRef => ({
  database: planned.targetDatabase,
  collection: `${planned.stagingCollection}t`,
});

export const targetRef = (planned: PlannedRestore): CollectionRef => ({
  database: planned.targetDatabase,
  collection: planned.targetCollection,
});

/** The saved definition under another name: what is created, and what rows are written by. */
export const definitionAs = (
  definition: CollectionDefinition,
  ref: CollectionRef,
  autoId: CreateOptions['autoId'],
): CollectionDefinition => ({
  ...definition,
  ...ref,
  collectionId: '',
  aliases: [],
  fields: definition.fields.map((field) => (autoId === 'plain' ? { ...field, autoId: false } : field)),
});

/** Partitions that every collection has from its birth. */
const BORN_WITH = '_default';

/** Creates what is missing of a collection, its partitions and indexes. Fine to repeat after a crash. */
export async function createMissing(
  client: MilvusClient,
  definition: CollectionDefinition,
  planned: Pick<PlannedRestore, 'autoId' | 'indexes'>,
  signal: AbortSignal,
): Promise<void> {
  if (!(await client.hasCollection(definition, signal))) {
    await client.createCollection(definition, { autoId: planned.autoId }, signal);
  }
  await completeCollection(client, definition, planned, signal);
}

/** The same of a collection that is there. */
export async function completeCollection(
  client: MilvusClient,
  definition: CollectionDefinition,
  planned: Pick<PlannedRestore, 'indexes'>,
  signal: AbortSignal,
): Promise<void> {
  const there = await client.describe(definition, signal);
  if (!definition.partitionKeyMode) {
    for (const { name } of definition.partitions) {
      if (name === BORN_WITH || there.partitions.some((one) => one.name === name)) continue;
      await client.createPartition(definition, name, signal);
    }
  }
  for (const index of planned.indexes) {
    if (there.indexes.some((one) => one.field === index.field && one.name === index.name)) continue;
    await client.createIndex(definition, index, signal);
  }
}

export const dropIfThere = async (client: MilvusClient, ref: CollectionRef, signal?: AbortSignal): Promise<void> => {
  if (await client.hasCollection(ref, signal)) await client.drop(ref, signal);
};
