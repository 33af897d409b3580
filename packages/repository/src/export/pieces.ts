import { createHash } from 'node:crypto';
import { fail, type Backup, type RowBatch } from '@milvault/shared';
import {
  encodeOpenGroup,
  openColumns,
  openFooter,
  OPEN_MAGIC,
  placedGroup,
  type OpenGroup,
} from '../format/open-write.ts';
import { openRowsPerGroup } from '../format/open-size.ts';
import type { CollectionIndex, Repository } from '../port.ts';
import { exportedFields, partitionsOf } from './plan.ts';
import type { ExportPiece, PartitionName, RowReader } from './port.ts';

/** A file is closed before it grows beyond this; only a row group that is larger by itself makes a larger one. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

/**
 * The files of one partition of a backup. COLLECTION_NOT_FOUND, PARTITION_NOT_FOUND, OBJECT_DAMAGED, OBJECT_MISSING,
 * TYPE_UNSUPPORTED. Holds one batch and one row group in memory.
 */
export async function* exportPieces(
  repository: Pick<Repository, 'manifest' | 'index'>,
  reader: RowReader,
  backup: Pick<Backup, 'id'>,
  { database, collection, partition }: PartitionName,
  signal: AbortSignal,
  maxFileBytes = MAX_FILE_BYTES,
): AsyncGenerator<ExportPiece> {
  const index = await repository.index(await repository.manifest(backup.id), database, collection);
  if (!partitionsOf(index).includes(partition)) {
    throw fail('PARTITION_NOT_FOUND', {
      what: `${database}.${collection} has no partition ${JSON.stringify(partition)} in this backup`,
    });
  }
  yield* filesOf(index, batchesOf(index, reader, partition, signal), maxFileBytes);
}

async function* batchesOf(
  index: CollectionIndex,
  reader: RowReader,
  partition: string,
  signal: AbortSignal,
): AsyncGenerator<RowBatch> {
  for await (const one of reader.rows(index, signal, [partition])) {
    signal.throwIfAborted();
    if (one.partition === partition) yield one.batch;
  }
}

/** One file at least, so that the schema of a partition without rows can be read too. */
async function* filesOf(
  index: CollectionIndex,
  batches: AsyncIterable<RowBatch>,
  maxFileBytes: number,
): AsyncGenerator<ExportPiece> {
  const columns = openColumns(exportedFields(index), index.primaryKey);
  const startFile = () => createFile((groups, rows) => openFooter(columns, groups, rows));
  let file = startFile();
  for await (const batch of batches) {
    const step = openRowsPerGroup(batch);
    for (let from = 0; from < batch.rows; from += step) {
      const group = encodeOpenGroup(columns, batch, from, Math.min(from + step, batch.rows));
      if (file.rows > 0 && file.bytes + group.size > maxFileBytes) {
        yield* file.end();
        file = startFile();
      }
      yield* file.add(group);
    }
  }
  yield* file.end();
}

type Placed = ReturnType<typeof placedGroup>;

interface OpenFile {
  readonly rows: number;
  readonly bytes: number;
  add(group: OpenGroup): Iterable<ExportPiece>;
  end(): Iterable<ExportPiece>;
}

function createFile(footer: (groups: readonly Placed[], rows: number) => Uint8Array): OpenFile {
  const hash = createHash('sha256');
  const groups: Placed[] = [];
  let [rows, bytes] = [0, 0];
  const piece = (part: Uint8Array): ExportPiece => {
    hash.update(part);
    bytes += part.length;
    return { kind: 'bytes', bytes: part };
  };
  function* begin(): Iterable<ExportPiece> {
    if (bytes === 0) yield piece(OPEN_MAGIC);
  }
  return {
    get rows() {
      return rows;
    },
    get bytes() {
      return bytes;
    },
    *add(group) {
      yield* begin();
      groups.push(placedGroup(group, bytes));
      rows += group.rows;
      for (const part of group.parts) if (part.length > 0) yield piece(part);
    },
    *end() {
      yield* begin();
      yield piece(footer(groups, rows));
      yield { kind: 'end', rows, bytes, sha256: hash.digest('hex') };
    },
  };
}
