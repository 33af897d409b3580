import type { RowBatch } from '@milvault/shared';
import { bytesOf, joinBatches, piecesOf } from '../batches.ts';

/** Collects pages, in key order, into chunks of about equal size, and stores one while the next is collected. */
export interface Chunker<Stored> {
  /** Resolves when there is room for more: at most one chunk is being stored while one is being filled. */
  add(batch: RowBatch): Promise<void>;
  /** Stores the rest. All that was stored, in key order; none where no row came. */
  end(): Promise<Stored[]>;
  /** After a fault: waits until nothing is being stored any more. */
  close(): Promise<void>;
}

export const CHUNK_BYTES = 16 * 1024 * 1024;

export function createChunker<Stored>(
  chunkBytes: number,
  store: (batch: RowBatch) => Promise<Stored>,
): Chunker<Stored> {
  const stored: Stored[] = [];
  let pending: RowBatch[] = [];
  let bytes = 0;
  let storing: Promise<void> = Promise.resolve();

  const flush = async (): Promise<void> => {
    const batch = joinBatches(pending);
    pending = [];
    bytes = 0;
    for (const piece of piecesOf(batch, chunkBytes)) {
      await storing;
      storing = store(piece).then((one) => void stored.push(one));
      // A fault is thrown by the next await of it; meanwhile it is not an unhandled one.
      storing.catch(() => undefined);
    }
  };

  return {
    async add(batch) {
      if (batch.rows === 0) return;
      pending.push(batch);
      bytes += bytesOf(batch);
      if (bytes >= chunkBytes) await flush();
    },
    async end() {
      if (pending.length > 0) await flush();
      await storing;
      return stored;
    },
    close: () => storing.catch(() => undefined),
  };
}
