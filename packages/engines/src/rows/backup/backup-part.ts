import type { Moment, Page } from '@milvault/milvus';
import type { BackupDraft, ChunkEntry, CollectionIndex, LiveKeys, Repository } from '@milvault/repository';
import { compareKeys, fail, type PrimaryKey, type RowBatch } from '@milvault/shared';
import type { EngineContext } from '../../port.ts';
import { keyAt } from '../batches.ts';
import type { Session } from '../connect.ts';
import type { RowsPart, RowsPartResult } from '../parts.ts';
import { readCarefully } from '../read/careful.ts';
import { readPages, type PageSource } from '../read/pages.ts';
import type { RangePlan } from '../read/ranges.ts';
import { baseIndexOf, orBaseFault } from './base.ts';
import { CHUNK_BYTES, createChunker } from './chunker.ts';
import { createMergeSink } from './merge.ts';
import { rangePlanOf } from './part-range.ts';
import { createWholeSink, type PartSink, type SunkRows } from './sink.ts';
import { WHOLE_COLLECTION } from './units.ts';
import { orChanged } from './unchanged.ts';

/** Sequence numbers (of 10^8) that belong to one part: ten times what a badly guessed one fills. */
const CHUNKS_PER_PART = 1_000;

/**
 * Reads the part's key range and stores it as chunks; where count(*) then says that the range holds more rows than came,
 * reads it again the careful way. Faults of the repository pass through as they are.
 */
export const backupPart = (
  session: Session,
  repository: Repository,
  draft: BackupDraft,
  part: RowsPart,
  fence: string,
  context: EngineContext,
): Promise<RowsPartResult> =>
  orChanged(session, part.definition, readAndStore(session, repository, draft, part, fence, context));

async function readAndStore(
  session: Session,
  repository: Repository,
  draft: BackupDraft,
  part: RowsPart,
  fence: string,
  context: EngineContext,
): Promise<RowsPartResult> {
  const { definition, moment, number, collection } = part;
  const partition = part.partition ?? WHOLE_COLLECTION;
  const source = { ...session, definition, partition: part.partition, moment, signal: context.signal };
  const plan = rangePlanOf(part);
  const base = await baseIndexOf(repository, part);
  let place = 0;
  const put = (batch: RowBatch): Promise<ChunkEntry> => {
    if (place >= CHUNKS_PER_PART) throw fail('INTERNAL', { what: `Part ${number} has too many chunks` });
    const seq = number * CHUNKS_PER_PART + place++;
    return repository.putChunk(draft, { definition, partition, seq, fence, batch });
  };
  const openSink = (): PartSink => {
    const chunker = createChunker(CHUNK_BYTES, put);
    if (base === null) return createWholeSink(chunker);
    return createMergeSink({ index: base, walk: walkBase(repository, part, base, plan), chunker });
  };
  const [before, quick] = await Promise.all([
    countRange(source, plan),
    storePages(readPages(source, plan), openSink(), context, () => lookBack(source, plan)),
  ]);
  const complete = isExplained(quick.rows, before, quick.readBy.count);
  const result = complete ? { ...quick, shadowed: 0 } : await storeCarefully(source, plan, openSink, context);
  const bytes = result.chunks.reduce((sum, chunk) => sum + chunk.size, 0);
  const { rows, chunks, borrowed, changes, shadowed, readBy } = result;
  return { number, collection, partition, rows, bytes, chunks, shadowed, borrowed, changes, readBy: readBy.moment };
}

/** The base's rows in the range of the part; a file of the base that is not what it was is BASE_DAMAGED. */
function walkBase(repository: Repository, part: RowsPart, index: CollectionIndex, range: RangePlan): LiveKeys {
  const walk = repository.liveKeys(index, part.partition ?? WHOLE_COLLECTION, range);
  return { ...walk, load: (upTo) => orBaseFault(part.base ?? '', walk.load(upTo)) };
}

interface Stored extends SunkRows {
  /** Rows that were read. */
  readonly rows: number;
  readonly readBy: LookBack;
}

/** The server's count of the part, and its clock, once all pages had come. */
interface LookBack {
  readonly count: number | null;
  readonly moment: Moment | null;
}

/** `lookBack` is done once the last page has come, while the last rows are being stored. */
async function storePages(
  pages: AsyncIterable<Page>,
  sink: PartSink,
  context: EngineContext,
  lookBack: () => Promise<LookBack>,
): Promise<Stored> {
  const order = createOrderCheck();
  let rows = 0;
  try {
    for await (const { batch, wireBytes } of pages) {
      if (batch.rows === 0) continue;
      order(batch);
      rows += batch.rows;
      await sink.add(batch);
      context.onProgress({ rows: batch.rows, bytes: wireBytes });
    }
    const [readBy, sunk] = await Promise.all([lookBack(), sink.end()]);
    return { rows, readBy, ...sunk };
  } finally {
    await sink.close();
  }
}

async function lookBack(source: PageSource & { lite: boolean }, plan: RangePlan): Promise<LookBack> {
  const [count, moment] = await Promise.all([countRange(source, plan), source.client.moment(source.signal)]);
  return { count, moment };
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
  source: PageSource & { lite: boolean },
  plan: RangePlan,
  openSink: () => PartSink,
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
  const stored = await storePages(proved(), openSink(), { ...context, onProgress: () => undefined }, () =>
    lookBack(source, plan),
  );
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
