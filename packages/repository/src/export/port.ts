import type { ExportPlan, RowBatch } from '@milvault/shared';
import type { CollectionIndex } from '../port.ts';

/** How the rows of a stored collection are read. Each engine brings one; `rows-reader.ts` is that of the engine `rows`. */
export interface RowReader {
  /**
   * Every row that a restore would bring back, each once, in any number of batches and in any order. Of other partitions
   * than the named ones nothing needs to be read; what comes of them is passed over.
   *
   * Everything is checked against its stored hash before it is given: OBJECT_DAMAGED, OBJECT_MISSING. Rejects with the
   * reason of the signal.
   */
  rows(
    index: CollectionIndex,
    signal: AbortSignal,
    partitions: readonly string[],
  ): AsyncIterable<{ readonly partition: string; readonly batch: RowBatch }>;
}

/** Parquet files of one partition, one after the other: bytes in their order, then the end of the file. */
export type ExportPiece =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Rows and bytes of the file that ends here, and its SHA-256 (hex). */
  | { readonly kind: 'end'; readonly rows: number; readonly bytes: number; readonly sha256: string };

export interface PartitionName {
  readonly database: string;
  readonly collection: string;
  readonly partition: string;
}

/** A backup that can be exported: here, or behind an API. */
export interface ExportSource {
  readonly plan: ExportPlan;
  /** Each partition has one file at least. A stream that ends without an error is whole. */
  pieces(partition: PartitionName, signal: AbortSignal): AsyncIterable<ExportPiece>;
}
