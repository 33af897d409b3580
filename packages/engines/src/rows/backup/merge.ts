import {
  compareRawKeys,
  FINGERPRINT_BYTES,
  fingerprints,
  pickRows,
  rawKeysOf,
  type ChunkEntry,
  type CollectionIndex,
  type LiveKeys,
  type RawKey,
} from '@milvault/repository';
import type { RowBatch } from '@milvault/shared';
import { columnOf } from '../batches.ts';
import type { Chunker } from './chunker.ts';
import type { PartSink } from './sink.ts';
import { createTally } from './tally.ts';

export interface MergeParts {
  readonly index: CollectionIndex;
  /** The base's rows in the range of the part. */
  readonly walk: LiveKeys;
  readonly chunker: Chunker<ChunkEntry>;
}

/**
 * Walks the rows of the source and those of the base side by side, both by rising key, and stores only what is new or
 * has another fingerprint. Of the base's rows it notes which are still there. Holds a page and the keys of the chunks
 * that overlap there, whatever the size of the collection.
 */
export function createMergeSink({ index, walk, chunker }: MergeParts): PartSink {
  const tally = createTally(index);
  const changes = { added: 0, changed: 0, deleted: 0 };

  /** Rows of the base before `key` are not in the source any more. */
  const dropBefore = (key: RawKey | null): void => {
    for (let row = walk.smallest(); row !== null; row = walk.smallest()) {
      if (key !== null && compareRawKeys(row.key, key) >= 0) return;
      tally.gone(row);
      changes.deleted += 1;
      walk.pass();
    }
  };

  const isToBeStored = (key: RawKey, prints: Uint8Array, at: number): boolean => {
    dropBefore(key);
    const row = walk.smallest();
    if (row === null || compareRawKeys(row.key, key) !== 0) {
      changes.added += 1;
      return true;
    }
    const same = row.hasPrint(prints, at);
    if (same) tally.kept(row);
    else {
      tally.gone(row);
      changes.changed += 1;
    }
    walk.pass();
    return !same;
  };

  return {
    async add(batch: RowBatch) {
      const keys = rawKeysOf(columnOf(batch, batch.primaryKey));
      const prints = fingerprints(batch);
      await walk.load(keys.at(batch.rows - 1));
      const own: number[] = [];
      for (let row = 0; row < batch.rows; row++) {
        if (isToBeStored(keys.at(row), prints, row * FINGERPRINT_BYTES)) own.push(row);
      }
      if (own.length > 0) await chunker.add(own.length === batch.rows ? batch : pickRows(batch, own));
    },
    async end() {
      await walk.load(null);
      dropBefore(null);
      return { chunks: await chunker.end(), borrowed: tally.result(), changes: { ...changes } };
    },
    close: () => chunker.close(),
  };
}
