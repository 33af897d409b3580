import type { ChunkEntry } from '@milvault/repository';
import type { RowBatch, RowChanges } from '@milvault/shared';
import type { BorrowedRows } from '../parts.ts';
import type { Chunker } from './chunker.ts';

/** Takes the rows of one part, page by page in key order, and stores what is to be stored of them. */
export interface PartSink {
  add(batch: RowBatch): Promise<void>;
  /** Stores the rest, and says what was done. */
  end(): Promise<SunkRows>;
  /** After a fault: waits until nothing is being stored any more. */
  close(): Promise<void>;
}

export interface SunkRows {
  readonly chunks: readonly ChunkEntry[];
  readonly borrowed: readonly BorrowedRows[] | null;
  readonly changes: RowChanges | null;
}

/** Stores every row. */
export const createWholeSink = (chunker: Chunker<ChunkEntry>): PartSink => ({
  add: (batch) => chunker.add(batch),
  end: async () => ({ chunks: await chunker.end(), borrowed: null, changes: null }),
  close: () => chunker.close(),
});
