import { CAREFUL_ROWS, isPageTooLarge, type KeyRange, type Page } from '@milvault/milvus';
import { hasCode } from '@milvault/shared';
import { keysOf } from '../batches.ts';
import { splitRange, type PageSource } from './pages.ts';
import type { RangePlan } from './ranges.ts';

/** A page with what count(*) says of its range. */
export interface CarefulPage extends Page {
  /** Physical rows that a newer row with the same key hides. */
  readonly shadowed: number;
}

/** Physical rows of one read: below the server's limit, so that rows that come meanwhile find room. */
const ROWS_AT_ONCE = CAREFUL_ROWS / 2;
/** Reads of one range until count and keys agree: between them somebody may write. */
const TRIES = 3;

/**
 * Every row of the plan's range, in key order, where the quick way came to fewer rows than count(*): ranges are small
 * enough for the server's safe way, and each is proved by counting its keys. Slow, and rarely needed. Where no proof
 * comes about, because somebody writes, rows are given without `shadowed`: the counts of the whole then decide.
 */
export async function* readCarefully(source: PageSource, plan: RangePlan): AsyncGenerator<CarefulPage> {
  const edges = [plan.after, ...plan.bounds];
  const open: KeyRange[] = edges.map((after, i) => ({ after, upTo: plan.bounds[i] ?? plan.upTo }));
  for (let range = open.shift(); range !== undefined; range = open.shift()) {
    const counted = await source.client.count({ ...requestOf(source), range });
    if (counted === 0) continue;
    const pieces = counted > ROWS_AT_ONCE ? await piecesOrNone(source, range, counted) : [];
    if (pieces.length > 0) open.unshift(...pieces);
    else yield* readProved(source, range, open);
  }
}

/** One key may have more copies than a read may hold: its range cannot be cut, and gives one row. */
async function piecesOrNone(source: PageSource, range: KeyRange, rows: number): Promise<KeyRange[]> {
  try {
    return await splitRange({ ...source, careful: true }, range, rows);
  } catch (error) {
    if (!hasCode(error, 'ROW_TOO_LARGE')) throw error;
    return [];
  }
}

async function* readProved(source: PageSource, range: KeyRange, open: KeyRange[]): AsyncGenerator<CarefulPage> {
  const ticket = await source.lane.enter(source.lane.setting.pageBytes, source.signal);
  try {
    yield await tryToProve(source, range);
  } catch (error) {
    if (!isPageTooLarge(error)) throw error;
    const rows = await source.client.count({ ...requestOf(source), range });
    open.unshift(...(await splitRange({ ...source, careful: true }, range, rows)));
  } finally {
    ticket.release();
  }
}

async function tryToProve(source: PageSource, range: KeyRange): Promise<CarefulPage> {
  const request = requestOf(source);
  for (let left = TRIES; ; left--) {
    // Not by the moment of the plan: what is proved must be of one time, as near as it can be.
    const page = await source.client.read({ ...request, range, careful: true });
    const counted = await source.client.count({ ...request, range });
    const { rows } = page.batch;
    if (counted === rows) return { ...page, shadowed: 0 };
    const ofKeys = await source.client.countKeys(request, keysOf(page.batch));
    if (ofKeys === counted) return { ...page, shadowed: counted - rows };
    if (left <= 1) return { ...page, shadowed: 0 };
  }
}

const requestOf = ({ definition, partition, signal }: PageSource) => ({ definition, partition, signal });
