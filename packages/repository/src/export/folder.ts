import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  fail,
  type Clock,
  type ExportCollection,
  type ExportedFile,
  type ExportPlan,
  type ExportRecord,
} from '@milvault/shared';
import { folderName } from './folder-name.ts';
import { exportFault, writing } from './folder-faults.ts';
import { startPart, writeWhole, type PartFile } from './part-file.ts';
import type { ExportSource, PartitionName } from './port.ts';

export const EXPORT_RECORD = 'export.json';

export interface ExportOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told what was written since the last call. */
  readonly onProgress: (done: { rows: number; bytes: number }) => void;
}

/**
 * Writes what the plan names as `<database>/<collection>/<partition>/part-00000.parquet`, …, each file under a hidden
 * name until it is whole, and {@link EXPORT_RECORD} last of all. CONFLICT where the folder holds anything. When it fails
 * or is stopped, all that it wrote is removed.
 */
export async function writeExport(
  source: ExportSource,
  plan: ExportPlan,
  folder: string,
  options: ExportOptions,
): Promise<ExportRecord> {
  await requireEmpty(folder);
  const made = new Set<string>();
  try {
    const collections: ExportRecord['collections'] = [];
    for (const one of plan.collections) {
      made.add(folderName(one.database));
      collections.push(await writeCollection(source, one, folder, options));
    }
    const record: ExportRecord = {
      format: 'milvault-export',
      version: 1,
      exportedAt: options.clock.now(),
      backup: plan.backup,
      rows: collections.reduce((sum, one) => sum + one.rows, 0),
      bytes: filesOf(collections).reduce((sum, file) => sum + file.bytes, 0),
      collections,
    };
    requireWhole(source, record);
    options.signal.throwIfAborted();
    made.add(`.${EXPORT_RECORD}`);
    await writing(folder, () => writeWhole(folder, EXPORT_RECORD, Buffer.from(`${JSON.stringify(record, null, 2)}\n`)));
    return record;
  } catch (thrown) {
    for (const name of made) await writing(folder, () => rm(join(folder, name), { recursive: true, force: true }));
    throw exportFault(folder, thrown);
  }
}

const filesOf = (collections: ExportRecord['collections']): ExportedFile[] =>
  collections.flatMap(({ partitions }) => partitions.flatMap(({ files }) => files));

async function requireEmpty(folder: string): Promise<void> {
  await writing(folder, () => mkdir(folder, { recursive: true }));
  const found = await writing(folder, () => readdir(folder));
  if (found.length === 0) return;
  const unfinished = !found.includes(EXPORT_RECORD);
  throw fail('CONFLICT', {
    what: `The folder ${folder} is not empty`,
    expected: 'an empty or missing folder',
    got: `${found.length} entries, ${unfinished ? 'but no' : 'among them an'} ${EXPORT_RECORD}`,
    next: 'Give another folder, or empty this one',
  });
}

async function writeCollection(
  source: ExportSource,
  collection: ExportCollection,
  folder: string,
  options: ExportOptions,
): Promise<ExportRecord['collections'][number]> {
  const { database, collection: name, definition, columns } = collection;
  const inside = `${folderName(database)}/${folderName(name)}`;
  const partitions = [];
  for (const partition of collection.partitions) {
    const place = `${inside}/${folderName(partition)}`;
    const files = await writePartition(source, { database, collection: name, partition }, folder, place, options);
    partitions.push({ name: partition, folder: place, rows: sumRows(files), files });
  }
  return { database, collection: name, folder: inside, rows: sumRows(partitions), definition, columns, partitions };
}

const sumRows = (parts: readonly { readonly rows: number }[]): number => parts.reduce((sum, one) => sum + one.rows, 0);

async function writePartition(
  source: ExportSource,
  partition: PartitionName,
  folder: string,
  place: string,
  { signal, onProgress }: ExportOptions,
): Promise<ExportedFile[]> {
  const inside = join(folder, ...place.split('/'));
  await writing(folder, () => mkdir(inside, { recursive: true }));
  const files: ExportedFile[] = [];
  let file: PartFile | null = null;
  try {
    for await (const piece of source.pieces(partition, signal)) {
      signal.throwIfAborted();
      const name = `part-${String(files.length).padStart(5, '0')}.parquet`;
      file ??= await startPart(inside, name);
      const current = file;
      if (piece.kind === 'bytes') await writing(folder, () => current.write(piece.bytes));
      else {
        files.push(await writing(folder, () => current.finish(`${place}/${name}`, piece)));
        file = null;
      }
      onProgress(piece.kind === 'bytes' ? { rows: 0, bytes: piece.bytes.length } : { rows: piece.rows, bytes: 0 });
    }
  } finally {
    await file?.close();
  }
  if (file === null && files.length > 0) return files;
  throw fail('INTERNAL', { what: `The files of ${place} ended in the middle` });
}

/** A collection of which every partition was exported has as many rows as its index says. */
function requireWhole({ plan }: ExportSource, record: ExportRecord): void {
  for (const one of record.collections) {
    const whole = plan.collections.find(
      (other) => other.database === one.database && other.collection === one.collection,
    );
    if (whole?.partitions.length !== one.partitions.length || whole.rows === one.rows) continue;
    throw fail('OBJECT_DAMAGED', {
      what: `The rows of ${one.database}.${one.collection} are not those that the backup counts`,
      expected: `${whole.rows} rows`,
      got: `${one.rows}`,
    });
  }
}
