import { resolve } from 'node:path';
import { EXPORT_RECORD, selectExport, writeExport, type ExportSource } from '@milvault/repository';
import type { ExportPlan, ExportRecord, Progress } from '@milvault/shared';
import { answer } from '../answer.ts';
import type { Cli } from '../cli.ts';
import { backendAction, command, type CommandFactory } from '../command.ts';
import { collectionsOption, partitionsOption, requireId, type Globals } from '../options.ts';
import { exportSummary, exportText } from '../output/exports.ts';
import { progressView } from '../output/progress.ts';
import { repositoryOf } from './parts.ts';

interface Options extends Globals {
  readonly to: string;
  readonly collections?: string[];
  readonly partitions?: string[];
}

export const exportBackup: CommandFactory = (cli, print) =>
  command({
    name: 'export',
    about:
      'Write a backup as open Parquet files that pandas, DuckDB and Spark read. The folder is made on this machine; it ' +
      `must be empty, and is whole once it holds ${EXPORT_RECORD}.`,
    globals: ['json', 'local', 'repo', 'config'],
    examples: [
      'milvault export full_20261122_020000 --to ./films-parquet',
      'milvault export full_20261122_020000 --to ./europe --collections films --partitions europe',
      'milvault export full_20261122_020000 --to ./out --local --repo ./backups --json',
    ],
  })
    .argument('<backup>', 'id or name')
    .requiredOption('--to <folder>', 'empty or missing folder to write to')
    .addOption(collectionsOption('only these of the backup, name or database.name (default: all)'))
    .addOption(partitionsOption())
    .action(
      backendAction<Options>(cli, print, async (backend, { options, args }) => {
        const startedAt = cli.clock.monotonic();
        const backup = requireId(args[0] ?? '', 'backup');
        const source = await backend.openExport(backup, repositoryOf(options).repository);
        const { collections = [], partitions = [] } = options;
        const plan = selectExport(source.plan, { collections, partitions });
        const folder = resolve(cli.folder, options.to);
        const record = await written(cli, source, plan, folder);
        const summary = exportSummary(record, folder, cli.clock.monotonic() - startedAt);
        return answer(summary, exportText(summary, cli.terminal.style));
      }),
    );

/** Writes with a bar on the terminal, which is gone when it ends in any way. */
async function written(cli: Cli, source: ExportSource, plan: ExportPlan, folder: string): Promise<ExportRecord> {
  const view = progressView('export', cli.terminal, cli.clock);
  const rowsTotal = plan.collections.reduce((sum, one) => sum + one.rows, 0);
  const progress: Progress = { phase: 'write', partsDone: 0, partsTotal: 0, rows: 0, rowsTotal, bytes: 0 };
  try {
    return await writeExport(source, plan, folder, {
      clock: cli.clock,
      signal: cli.signal,
      onProgress: ({ rows, bytes }) => {
        progress.rows += rows;
        progress.bytes += bytes;
        view.show({ ...progress });
      },
    });
  } finally {
    view.close();
  }
}
