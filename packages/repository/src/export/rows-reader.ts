import type { Repository } from '../port.ts';
import type { RowReader } from './port.ts';

/** The {@link RowReader} of backups by the engine `rows`: chunk by chunk, one in memory at a time. */
export const createRowsReader = (repository: Pick<Repository, 'readChunk'>): RowReader => ({
  async *rows(index, signal, partitions) {
    const wanted = new Set(partitions);
    for (const chunk of index.chunks) {
      signal.throwIfAborted();
      if (!wanted.has(chunk.partition)) continue;
      const batch = await repository.readChunk(index, chunk);
      if (batch.rows > 0) yield { partition: chunk.partition, batch };
    }
  },
});
