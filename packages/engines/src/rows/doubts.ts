import type { CollectionDefinition, DatabaseDefinition, Warning } from '@milvault/shared';
import { warning } from './warnings.ts';

export interface ServerFacts {
  readonly lite: boolean;
  readonly version: string;
}

/** True where the version is one that we can read and is older than that. Odd names of hosted servers are not. */
export function olderThan(version: string, major: number, minor: number, patch: number): boolean {
  const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version);
  if (match === null) return false;
  const [a, b, c] = match.slice(1).map(Number);
  const known = [a ?? 0, b ?? 0, c ?? 0];
  const limit = [major, minor, patch];
  const at = known.findIndex((part, i) => part !== limit[i]);
  return at >= 0 && (known[at] ?? 0) < (limit[at] ?? 0);
}

/** What no backup of this server holds, whatever the collection. */
export function serverDoubts(server: ServerFacts, databases: readonly DatabaseDefinition[]): Warning[] {
  if (server.lite) return [warning('IDS_HIDDEN')];
  const hidden = olderThan(server.version, 2, 4, 3);
  return [
    warning('RBAC_NOT_SAVED'),
    warning('RESOURCE_GROUPS_NOT_SAVED'),
    ...(hidden ? databases.map(({ name }) => warning('DATABASE_PROPERTIES_HIDDEN', { database: name })) : []),
  ];
}

const valueOf = (definition: CollectionDefinition, key: string): string | undefined =>
  definition.properties.find((property) => property.key === key)?.value;

export const TTL_PROPERTY = 'collection.ttl.seconds';

/** Whether rows of the collection go without a write, some time after theirs. */
export const expires = (definition: CollectionDefinition): boolean => Number(valueOf(definition, TTL_PROPERTY)) > 0;

/** What a backup of this collection does not hold, or holds with a doubt. */
export function collectionDoubts(definition: CollectionDefinition): Warning[] {
  const ownKeys = definition.fields.some((field) => field.autoId);
  return [
    ...(expires(definition)
      ? [warning('TTL_SET', definition, `${TTL_PROPERTY} = ${valueOf(definition, TTL_PROPERTY) ?? ''}`)]
      : []),
    ...definition.fields
      .filter((field) => field.functionOutput)
      .map((field) => warning('FUNCTION_OUTPUT_NOT_SAVED', definition, `field ${field.name}`)),
    ...(ownKeys && valueOf(definition, 'allow_insert_auto_id') !== 'true'
      ? [warning('AUTO_IDS_DEPEND_ON_TARGET', definition)]
      : []),
    ...(definition.consistencyLevel === null ? [warning('CONSISTENCY_LEVEL_HIDDEN', definition)] : []),
  ];
}

/** What keeps a collection from being backed up now. */
export function obstacles(definition: CollectionDefinition): Warning[] {
  if (!definition.loaded) return [warning('COLLECTION_NOT_LOADED', definition)];
  return definition.partitions
    .filter((partition) => !partition.loaded)
    .map((partition) => warning('PARTITION_NOT_LOADED', definition, `partition ${partition.name}`));
}
