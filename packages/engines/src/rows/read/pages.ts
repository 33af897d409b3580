import { setMaxListeners } from 'node:events';
import {
  CAREFUL_ROWS,
  isPageTooLarge,
  type KeyRange,
  type MilvusClient,
  type Moment,
  type Page,
} from '@milvault/milvus';
import { fail, toKeyRecord, type CollectionDefinition, type PrimaryKey } from '@milvault/shared';
import type { Lane, Ticket } from './lane.ts';
import { createCutter, type Cut, type Cutter, type RangePlan } from './ranges.ts';

/** Where pages come from: one partition (or one whole collection) of one Milvus. */
export interface PageSource {
  readonly client: MilvusClient;
  readonly lane: Lane;
  readonly definition: CollectionDefinition;
  readonly partition: string | null;
  /** See ReadRequest. */
  readonly moment: Moment | null;
  readonly signal: AbortSignal;
}

type Fetched =
  { readonly ticket: Ticket; readonly page: Page } | { readonly ticket: Ticket; readonly tooLarge: KeyRange };

/**
 * Ranges of up to so many expected rows are read the careful way, which then costs nothing. Larger ones, where rows are
 * small, are not: a collection of them would need many times the queries, each of which looks at every row. Where that
 * way loses rows, beside duplicates, the count of the part shows it.
 */
const FEW_ROWS = CAREFUL_ROWS * 0.75;

/** A range whose reply is too large is read in so many pieces, one after the other. */
const PIECES = 4;

/**
 * Every row of the plan's range, page by page in key order, while other pages are under way. A page's memory counts as
 * free once the consumer asks for the next one. The consumer may stop early: reads that go on are ended.
 */
export async function* readPages(source: PageSource, plan: RangePlan): AsyncGenerator<Page> {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const onAbort = (): void => stop.abort(source.signal.reason);
  source.signal.addEventListener('abort', onAbort, { once: true });
  if (source.signal.aborted) onAbort();
  const cutter = createCutter(plan);
  const ahead = readAhead({ ...source, signal: stop.signal }, cutter);
  try {
    for (;;) {
      const fetched = await ahead.next();
      if (fetched === null) return;
      try {
        if ('page' in fetched) yield fetched.page;
        else yield* readInPieces({ ...source, signal: stop.signal }, fetched.tooLarge);
      } finally {
        fetched.ticket.release();
      }
    }
  } finally {
    source.signal.removeEventListener('abort', onAbort);
    stop.abort(new Error('the reader of these pages has ended'));
    await ahead.close();
  }
}

interface Ahead {
  /** The next page in key order, or null after the last. */
  next(): Promise<Fetched | null>;
  /** Waits for what is under way and gives its room back. */
  close(): Promise<void>;
}

/** Starts reads as the lane lets them in, ahead of the consumer, and hands them out in the order of their keys. */
function readAhead(source: PageSource, cutter: Cutter): Ahead {
  const started: Promise<Fetched>[] = [];
  let wake: () => void = () => undefined;
  let finished = false;
  let failure: unknown;

  const run = async (): Promise<void> => {
    while (cutter.more()) {
      const ticket = await source.lane.enter(source.lane.setting.pageBytes, source.signal);
      const read = fetchRange(source, cutter.next(source.lane.setting.pageBytes), ticket, cutter);
      // Its fault is told when its turn comes; until then it is not an unhandled one.
      read.catch(() => undefined);
      started.push(read);
      wake();
    }
  };
  const pump = run()
    .catch((error: unknown) => {
      failure = error;
    })
    .finally(() => {
      finished = true;
      wake();
    });

  return {
    async next() {
      while (started.length === 0 && !finished) await new Promise<void>((resolve) => (wake = resolve));
      const first = started.shift();
      if (first !== undefined) return first;
      if (failure !== undefined) throw failure;
      return null;
    },
    async close() {
      await pump;
      for (const read of await Promise.allSettled(started))
        if (read.status === 'fulfilled') read.value.ticket.release();
    },
  };
}

async function fetchRange(source: PageSource, cut: Cut, ticket: Ticket, cutter: Cutter): Promise<Fetched> {
  const { range, rows } = cut;
  const { pageBytes } = source.lane.setting;
  try {
    const page = await source.client.read({ ...requestOf(source), range, careful: rows <= FEW_ROWS });
    ticket.arrived(page.wireBytes);
    cutter.learn(page.batch.rows, page.wireBytes);
    return { ticket, page };
  } catch (error) {
    if (isPageTooLarge(error)) {
      // Too many rows for a careful reply say nothing about its bytes.
      if (rows > FEW_ROWS) source.lane.tooLarge(pageBytes);
      return { ticket, tooLarge: range };
    }
    ticket.release();
    throw error;
  }
}

/**
 * Reads a range that one reply cannot hold, piece by piece; pieces that are too large again, too. The range's ticket
 * keeps its stream and its room meanwhile.
 */
async function* readInPieces(source: PageSource, tooLarge: KeyRange): AsyncGenerator<Page> {
  const request = requestOf(source);
  const { pieces, rows } = await halved(source, tooLarge);
  const few = rows / pieces.length <= FEW_ROWS;
  const open = [...pieces];
  for (let range = open.shift(); range !== undefined; range = open.shift()) {
    try {
      yield await source.client.read({ ...request, range, careful: few });
    } catch (error) {
      if (!isPageTooLarge(error)) throw error;
      open.unshift(...(await halved(source, range)).pieces);
    }
  }
}

async function halved(source: PageSource, range: KeyRange): Promise<{ pieces: KeyRange[]; rows: number }> {
  const rows = await source.client.count({ ...requestOf(source), range });
  return { pieces: await splitRange(source, range, rows), rows };
}

/** Two or more pieces of a range that holds about so many rows, without a gap. ROW_TOO_LARGE where it cannot be cut. */
export async function splitRange(
  source: PageSource & { readonly careful?: boolean },
  range: KeyRange,
  rows: number,
): Promise<KeyRange[]> {
  const request = { ...requestOf(source), careful: source.careful ?? false, range };
  const bounds = await source.client.splitKeys(request, Math.max(1, Math.ceil(rows / PIECES)), rows);
  if (bounds.length === 0) throw rowTooLarge(source.definition, range, rows);
  return [range.after, ...bounds].map((after, i) => ({ after, upTo: bounds[i] ?? range.upTo }));
}

const shown = (key: PrimaryKey | null): string => (key === null ? 'none' : JSON.stringify(toKeyRecord(key).value));

const rowTooLarge = (definition: CollectionDefinition, range: KeyRange, rows: number): Error =>
  fail('ROW_TOO_LARGE', {
    what: `A row of ${definition.database}.${definition.collection} is larger than one reply may be`,
    expected: 'a row that fits the message limits of Milvus',
    got: `${rows} row(s) with keys after ${shown(range.after)} up to ${shown(range.upTo)}`,
    details: {
      database: definition.database,
      collection: definition.collection,
      after: range.after === null ? null : toKeyRecord(range.after),
      upTo: range.upTo === null ? null : toKeyRecord(range.upTo),
    },
  });

const requestOf = (source: PageSource) => ({
  definition: source.definition,
  partition: source.partition,
  moment: source.moment,
  signal: source.signal,
});
