import type { BackupDraft, Repository } from '@milvault/repository';
import { compareKeys, fail, fromKeyRecord, type PrimaryKey, type RowBatch } from '@milvault/shared';
import type { BackupPart, BackupPartResult, EngineContext } from '../../port.ts';
import { createKeyDigest, keyAt } from '../batches.ts';
import type { Session } from '../connect.ts';
import { readPages } from '../read/pages.ts';
import type { RangePlan } from '../read/ranges.ts';
import { CHUNK_BYTES, createChunker } from './chunker.ts';
import { orChanged } from './unchanged.ts';

/** Sequence numbers (of 10^8) that belong to one part: ten times what a badly guessed one fills. */
const CHUNKS_PER_PART = 1_000;

/** The chunks' partition where rows find theirs by a key: the backup knows only the whole. */
export const WHOLE_COLLECTION = '';

export const rangePlanOf = (part: BackupPart): RangePlan => ({
  after: part.after === null ? null : fromKeyRecord(part.after),
  upTo: part.upTo === null ? null : fromKeyRecord(part.upTo),
  bounds: part.bounds.map(fromKeyRecord),
  rowsExpected: part.rowsExpected,
  rowBytes: part.rowBytes,
});

/** Reads the part's key range and stores it as chunks. Faults of the repository pass through as they are. */
export const backupPart = (
  session: Session,
  repository: Repository,
  draft: BackupDraft,
  part: BackupPart,
  fence: string,
  context: EngineContext,
): Promise<BackupPartResult> =>
  orChanged(session, part.definition, readAndStore(session, repository, draft, part, fence, context));

async function readAndStore(
  session: Session,
  repository: Repository,
  draft: BackupDraft,
  part: BackupPart,
  fence: string,
  context: EngineContext,
): Promise<BackupPartResult> {
  const { definition, partition, moment } = part;
  const { signal } = context;
  const digest = createKeyDigest();
  const order = createOrderCheck();
  const chunker = createChunker(CHUNK_BYTES, (batch, place) => {
    if (place >= CHUNKS_PER_PART) throw fail('INTERNAL', { what: `Part ${part.number} has too many chunks` });
    const seq = part.number * CHUNKS_PER_PART + place;
    return repository.putChunk(draft, { definition, partition: partition ?? WHOLE_COLLECTION, seq, fence, batch });
  });
  let rows = 0;
  try {
    for await (const page of readPages({ ...session, definition, partition, moment, signal }, rangePlanOf(part))) {
      if (page.batch.rows === 0) continue;
      order(page.batch);
      digest.add(page.batch);
      rows += page.batch.rows;
      await chunker.add(page.batch);
      context.onProgress({ rows: page.batch.rows, bytes: page.wireBytes });
    }
    const chunks = await chunker.end();
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.size, 0);
    return { number: part.number, collection: part.collection, rows, bytes, chunks, keysSha256: digest.hex() };
  } finally {
    await chunker.close();
  }
}

/** Pages must follow each other without overlap: a server that broke this would give rows twice. */
function createOrderCheck(): (batch: RowBatch) => void {
  let last: PrimaryKey | null = null;
  return (batch) => {
    const first = keyAt(batch, 0);
    if (last !== null && compareKeys(last, first) >= 0) {
      throw fail('PROTOCOL_VIOLATION', { what: 'A page of rows does not begin after the one before it' });
    }
    last = keyAt(batch, batch.rows - 1);
  };
}
