import { formatCount, type InspectionView } from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { table } from './table.ts';
import { collectionName, counted, warningsText } from './text.ts';

type Inspected = InspectionView['collections'][number];

const primaryKey = ({ definition }: Inspected): string => {
  const key = definition.fields.find((field) => field.primaryKey);
  return key === undefined ? '-' : `${key.name} ${key.type}${key.autoId ? ' auto' : ''}`;
};

export function inspectionText(inspection: InspectionView, style: Style): string {
  const { collections, warnings } = inspection;
  const rows = collections.reduce((sum, one) => sum + (one.rows ?? 0), 0);
  const counts = `${counted(collections.length, 'collection')} with ${counted(rows, 'row')}`;
  return [
    `${style.bold(`Milvus ${inspection.serverVersion} at ${inspection.address}`)}: ${counts}\n`,
    collections.length === 0 ? '' : `\n${collectionTable(collections, style)}`,
    warnings.length === 0 ? '\nA backup saves all of it.\n' : `${warningsText(warnings, style)}`,
  ].join('');
}

const collectionTable = (collections: readonly Inspected[], style: Style): string =>
  table(
    [
      { title: 'COLLECTION', cell: ({ definition }) => collectionName(definition) },
      {
        title: 'ROWS',
        align: 'right',
        cell: ({ rows }) => (rows === null ? 'not loaded' : formatCount(rows)),
        paint: (text, { rows }) => (rows === null ? style.doubtful(text) : text),
      },
      { title: 'KEY', cell: primaryKey },
      { title: 'FIELDS', align: 'right', cell: ({ definition }) => formatCount(definition.fields.length) },
      { title: 'PARTITIONS', align: 'right', cell: ({ definition }) => formatCount(definition.partitions.length) },
      { title: 'INDEXES', align: 'right', cell: ({ definition }) => formatCount(definition.indexes.length) },
      { title: 'ALIASES', cell: ({ definition }) => definition.aliases.join(', ') },
    ],
    collections,
    style,
  );
