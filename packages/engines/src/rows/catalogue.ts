import type { MilvusClient } from '@milvault/milvus';
import { hasCode, type CollectionDefinition, type DatabaseDefinition, type Warning } from '@milvault/shared';
import { selectCollections, type SelectedName } from './select.ts';
import { warning } from './warnings.ts';

export interface Chosen {
  readonly names: readonly SelectedName[];
  /** The databases of the chosen collections. */
  readonly databases: readonly DatabaseDefinition[];
  readonly warnings: readonly Warning[];
}

/** The collections of the server that the patterns mean. COLLECTION_NOT_FOUND, DATABASE_NOT_FOUND. */
export async function chooseCollections(
  client: MilvusClient,
  patterns: readonly string[],
  signal: AbortSignal,
): Promise<Chosen> {
  const databases = await client.databases(signal);
  const catalogue = new Map<string, readonly string[]>();
  for (const { name } of databases) catalogue.set(name, [...(await client.collections(name, signal))].sort());
  const { names, leftOut } = selectCollections(patterns, catalogue);
  return {
    names,
    databases: databases.filter(({ name }) => names.some((one) => one.database === name)),
    warnings: leftOut.map((name) => warning('STAGING_LEFT_OUT', name)),
  };
}

/** The definition; null where a collection that only a `*` meant has vanished since it was listed. */
export async function describeChosen(
  client: MilvusClient,
  { database, collection, named }: SelectedName,
  signal: AbortSignal,
): Promise<CollectionDefinition | null> {
  try {
    return await client.describe({ database, collection }, signal);
  } catch (error) {
    if (named || !hasCode(error, 'COLLECTION_NOT_FOUND', 'DATABASE_NOT_FOUND')) throw error;
    return null;
  }
}

/** As {@link describeChosen}, or what is wrong with it where it has a type that we do not know. */
export async function describeOrWarn(
  client: MilvusClient,
  name: SelectedName,
  signal: AbortSignal,
): Promise<CollectionDefinition | Warning | null> {
  try {
    return await describeChosen(client, name, signal);
  } catch (error) {
    if (!hasCode(error, 'TYPE_UNSUPPORTED')) throw error;
    return warning('TYPE_UNSUPPORTED', name, error.message);
  }
}
