import type { Page } from '@milvault/milvus';
import type { BackupDraft, ChunkEntry, Repository } from '@milvault/repository';
import { compareKeys, fail, type PrimaryKey, type RowBatch } from '@milvault/shared';
import type { BackupPart, BackupPartResult, EngineContext } from '../../port.ts';
import { keyAt } from '../batches.ts';
import type { Session } from '../connect.ts';
import { readCarefully } from '../read/careful.ts';
import { readPages, type PageSource } from '../read/pages.ts';
import type { RangePlan } from '../read/ranges.ts';
import { CHUNK_BYTES, createChunker } from './chunker.ts';
import { rangePlanOf } from './part-range.ts';
import { orChanged } from './unchanged.ts';

/** Sequence numbers (of 10^8) that belong to one part: ten times what a badly guessed one fills. */
const CHUNKS_PER_PART = 1_000;

/** The chunks' partition where rows find theirs by a key: the backup knows only the whole. */
export const WHOLE_COLLECTION = '';

/**
 * Reads the part's key range and stores it as chunks; where count(*) then says that the range holds more rows than came,
 * reads it again the careful way. Faults of the repository pass through as they are.
 */
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
  const { definition, partition, moment, number, collection } = part;
  const source = { ...session, definition, partition, moment, signal: context.signal };
  const plan = rangePlanOf(part);
  let place = 0;
  const put = (batch: RowBatch): Promise<ChunkEntry> => {
    if (place >= CHUNKS_PER_PART) throw fail('INTERNAL', { what: `Part ${number} has too many chunks` });
    const seq = number * CHUNKS_PER_PART + place++;
    return repository.putChunk(draft, { definition, partition: partition ?? WHOLE_COLLECTION, seq, fence, batch });
  };
  const [before, quick] = await Promise.all([
    countRange(source, plan),
    storePages(readPages(source, plan), put, context),
  ]);
  const complete = isExplained(quick.rows, before, await countRange(source, plan));
  const result = complete ? { ...quick, shadowed: 0 } : await storeCarefully(source, plan, put, context);
  const bytes = result.chunks.reduce((sum, chunk) => sum + chunk.size, 0);
  return { number, collection, bytes, ...result };
}

interface Stored {
  readonly rows: number;
  readonly chunks: ChunkEntry[];
}

type Put = (batch: RowBatch) => Promise<ChunkEntry>;

async function storePages(pages: AsyncIterable<Page>, put: Put, context: EngineContext): Promise<Stored> {
  const order = createOrderCheck();
  const chunker = createChunker(CHUNK_BYTES, put);
  let rows = 0;
  try {
    for await (const { batch, wireBytes } of pages) {
      if (batch.rows === 0) continue;
      order(batch);
      rows += batch.rows;
      await chunker.add(batch);
      context.onProgress({ rows: batch.rows, bytes: wireBytes });
    }
    return { rows, chunks: await chunker.end() };
  } finally {
    await chunker.close();
  }
}

/**
 * count(*) of the part, null on Milvus Lite: that keeps one row of each key, and would scan everything for the count,
 * so that the count of the whole at the end is enough.
 */
const countRange = async (
  source: PageSource & { lite: boolean },
  { after, upTo }: RangePlan,
): Promise<number | null> => (source.lite ? null : source.client.count({ ...source, range: { after, upTo } }));

/** As many rows as are counted, each with a key of its own, are all rows; between two counts that differ, somebody wrote. */
const isExplained = (rows: number, before: number | null, after: number | null): boolean =>
  before === null || after === null || (rows >= Math.min(before, after) && rows <= Math.max(before, after));

/** The chunks of the quick way stay behind unnamed: the clean-up of the repository knows them as nobody's. */
async function storeCarefully(
  source: PageSource,
  plan: RangePlan,
  put: Put,
  context: EngineContext,
): Promise<Stored & { shadowed: number }> {
  context.logger.warn({ collection: source.definition.collection }, 'Fewer rows came than are counted: reading again');
  let shadowed = 0;
  async function* proved(): AsyncGenerator<Page> {
    for await (const page of readCarefully(source, plan)) {
      shadowed += page.shadowed;
      yield page;
    }
  }
  const stored = await storePages(proved(), put, { ...context, onProgress: () => undefined });
  return { ...stored, shadowed };
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
