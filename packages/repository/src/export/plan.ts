import type { Backup, ExportCollection, ExportPlan, FieldShape } from '@milvault/shared';
import { exportColumn } from '../format/open-layout.ts';
import type { CollectionIndex, Repository } from '../port.ts';

/** What a backup has to export: all of its collections with their partitions, in the order of its manifest. */
export async function planExport(
  repository: Pick<Repository, 'manifest' | 'index'>,
  backup: Backup,
): Promise<ExportPlan> {
  const manifest = await repository.manifest(backup.id);
  const collections: ExportCollection[] = [];
  for (const { database, collection } of manifest.collections) {
    collections.push(exportCollection(await repository.index(manifest, database, collection)));
  }
  return { backup, collections };
}

function exportCollection(index: CollectionIndex): ExportCollection {
  const { definition, rows } = index;
  return {
    database: definition.database,
    collection: definition.collection,
    rows,
    definition,
    columns: exportedFields(index).map(exportColumn),
    partitions: partitionsOf(index),
  };
}

/** What the server computes from other fields is in no backup; a restore makes it anew. */
export const exportedFields = ({ definition }: CollectionIndex): FieldShape[] =>
  definition.fields
    .filter((field) => !field.functionOutput)
    .map(({ name, type, elementType, dim, nullable }) => ({
      name,
      type,
      ...(elementType === undefined ? {} : { elementType }),
      ...(dim === undefined ? {} : { dim }),
      nullable,
    }));

/** Those of the definition, and any other that has rows. */
export const partitionsOf = ({ definition, chunks, segments }: CollectionIndex): string[] => [
  ...new Set(
    [...definition.partitions.map(({ name }) => ({ partition: name })), ...chunks, ...(segments?.list ?? [])].map(
      ({ partition }) => partition,
    ),
  ),
];
