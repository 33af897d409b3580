import {
  createRowsReader,
  createSegmentsReader,
  exportPieces,
  planExport,
  type ExportSource,
  type Repository,
} from '@milvault/repository';
import type { RowReader } from '@milvault/repository';
import { fail, type Backup, type EngineKind, type ExportPlan } from '@milvault/shared';

/** How the rows of a backup are read, by the engine that took it. */
function readerOf(engine: EngineKind, repository: Repository): RowReader {
  switch (engine) {
    case 'rows':
      return createRowsReader(repository);
    case 'segments':
      return createSegmentsReader(repository);
    case 'milvus-backup':
    case 'http':
      throw fail('OPTION_UNSUPPORTED', {
        what: `The data of this backup lies at a tool (engine ${engine}), so milvault cannot export it`,
        next: 'Restore it, back the collection up by rows, and export that',
      });
  }
}

/** The pieces of one partition of a backup; see {@link exportPieces}. */
export const exportOf =
  (repository: Repository, backup: Backup): ExportSource['pieces'] =>
  (partition, signal) =>
    exportPieces(repository, readerOf(backup.engine, repository), backup, partition, signal);

/** A backup of a repository in reach of this process, ready to be exported. */
export async function openExport(repository: Repository, backup: Backup): Promise<ExportSource> {
  readerOf(backup.engine, repository);
  const plan: ExportPlan = await planExport(repository, backup);
  return { plan, pieces: exportOf(repository, backup) };
}
