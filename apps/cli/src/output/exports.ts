import { formatBytes, formatCount, formatDuration, type ExportRecord, type Warning } from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { facts, table } from './table.ts';
import { collectionName, counted, warningsText } from './text.ts';

/** What an export ends with; all of it in full is in its `export.json`. */
export interface ExportSummary {
  readonly backup: string;
  readonly name: string;
  readonly folder: string;
  readonly collections: readonly {
    readonly database: string;
    readonly collection: string;
    readonly folder: string;
    readonly rows: number;
    readonly files: number;
    readonly bytes: number;
  }[];
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
  readonly durationMs: number;
  readonly warnings: readonly Warning[];
}

export function exportSummary(record: ExportRecord, folder: string, durationMs: number): ExportSummary {
  const collections = record.collections.map((one) => {
    const files = one.partitions.flatMap((partition) => partition.files);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const { database, collection, rows } = one;
    return { database, collection, folder: one.folder, rows, files: files.length, bytes };
  });
  return {
    backup: record.backup.id,
    name: record.backup.name,
    folder,
    collections,
    rows: record.rows,
    files: collections.reduce((sum, one) => sum + one.files, 0),
    bytes: record.bytes,
    durationMs,
    warnings: record.backup.warnings,
  };
}

export function exportText(summary: ExportSummary, style: Style): string {
  const head = `${style.good('exported')} ${style.bold(counted(summary.collections.length, 'collection'))}`;
  const told = facts(
    [
      ['backup', `${summary.name} (${summary.backup})`],
      ['folder', summary.folder],
      ['rows', formatCount(summary.rows)],
      ['files', formatCount(summary.files)],
      ['size', formatBytes(summary.bytes)],
      ['took', formatDuration(summary.durationMs)],
    ],
    style,
  );
  const rows = table(
    [
      { title: '  COLLECTION', cell: (one) => `  ${collectionName(one)}` },
      { title: 'ROWS', align: 'right', cell: (one) => formatCount(one.rows) },
      { title: 'FILES', align: 'right', cell: (one) => formatCount(one.files) },
      { title: 'SIZE', align: 'right', cell: (one) => formatBytes(one.bytes) },
      { title: 'FOLDER', cell: (one) => one.folder },
    ],
    summary.collections,
    style,
  );
  return `${head}\n${told}${rows === '' ? '' : `\n${rows}`}${warningsText(summary.warnings, style)}`;
}
