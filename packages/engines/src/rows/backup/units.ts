import type { CollectionDefinition } from '@milvault/shared';

/** The chunks' partition where rows find theirs by a key: the backup knows only the whole. */
export const WHOLE_COLLECTION = '';

/** What is read by itself: each partition, or the whole where rows find their partition by a key (null). */
export const readUnits = (definition: CollectionDefinition): readonly (string | null)[] =>
  definition.partitionKeyMode ? [null] : definition.partitions.map((partition) => partition.name);

/** The same as chunks name them. */
export const chunkPartitions = (definition: CollectionDefinition): readonly string[] =>
  readUnits(definition).map((unit) => unit ?? WHOLE_COLLECTION);
