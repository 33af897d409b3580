import { isPageTooLarge, type ReadRequest } from '@milvault/milvus';
import type { PrimaryKey } from '@milvault/shared';
import type { Session } from '../connect.ts';
import { estimateRowBytes } from '../row-size.ts';

const MIB = 1024 * 1024;
/** What one worker reads in one go: small enough to be tried again, large enough to be worth a connection. */
export const PART_BYTES = 64 * MIB;
/** Pages are put together from pieces of this size while reading. */
const GRAIN_BYTES = 2 * MIB;
/** Where rows may be of any length, a collection of so many is sampled first, in ranges of so few. */
const SAMPLE_FROM_ROWS = 20_000;
const SAMPLE_ROWS = 1_000;

/** What is cut: one partition, or a whole collection. */
export type Unit = Omit<ReadRequest, 'range'>;

export interface KeyCut {
  /** Rising bounds; below the first and above the last lies an open range each. */
  readonly bounds: readonly PrimaryKey[];
  readonly rowBytes: number;
}

/** Cuts the keys of one unit into ranges of about a grain. Bounds are only a plan: the reads between them lose nothing. */
export async function cutKeys(session: Session, unit: Unit, rows: number): Promise<KeyCut> {
  const { bytes: rowBytes, exact } = estimateRowBytes(unit.definition);
  if (session.lite) return cutForScans(session, unit, rows, rowBytes);
  if (rows * rowBytes <= GRAIN_BYTES && rows < SAMPLE_FROM_ROWS) return { bounds: [], rowBytes };
  const grainRows = Math.max(1, Math.floor(GRAIN_BYTES / rowBytes));
  if (exact || rows < SAMPLE_FROM_ROWS) {
    return { bounds: await session.client.splitKeys(unit, grainRows, rows), rowBytes };
  }
  const fineRows = Math.min(grainRows, SAMPLE_ROWS);
  const fine = await session.client.splitKeys(unit, fineRows, rows);
  const sampled = await sampleRowBytes(session, unit, fine, rowBytes);
  const every = Math.max(1, Math.round(GRAIN_BYTES / (fineRows * sampled)));
  return { bounds: fine.filter((_, i) => (i + 1) % every === 0), rowBytes: sampled };
}

/** Milvus Lite scans everything for each query, so that a read is as large as a reply may be, and no sample is worth it. */
async function cutForScans(session: Session, unit: Unit, rows: number, rowBytes: number): Promise<KeyCut> {
  if (rows * rowBytes <= PART_BYTES) return { bounds: [], rowBytes };
  const rowsPerPart = Math.max(1, Math.floor(PART_BYTES / rowBytes));
  return { bounds: await session.client.splitKeys(unit, rowsPerPart, rows), rowBytes };
}

async function sampleRowBytes(
  session: Session,
  unit: Unit,
  bounds: readonly PrimaryKey[],
  guess: number,
): Promise<number> {
  const middle = Math.floor(bounds.length / 2);
  const range = { after: bounds[middle - 1] ?? null, upTo: bounds[middle] ?? null };
  try {
    const page = await session.client.read({ ...unit, range });
    return page.batch.rows === 0 ? guess : page.wireBytes / page.batch.rows;
  } catch (error) {
    if (!isPageTooLarge(error)) throw error;
    return PART_BYTES / SAMPLE_ROWS;
  }
}

export interface KeyGroup {
  readonly after: PrimaryKey | null;
  readonly upTo: PrimaryKey | null;
  readonly bounds: readonly PrimaryKey[];
  readonly rows: number;
}

/** Ranges put together into parts of about equal size, each at most about `PART_BYTES`. */
export function groupBounds({ bounds, rowBytes }: KeyCut, rows: number): KeyGroup[] {
  const ranges = bounds.length + 1;
  const parts = Math.min(ranges, Math.max(1, Math.ceil((rows * rowBytes) / PART_BYTES)));
  const edge = (part: number): number => Math.round((ranges * part) / parts);
  return Array.from({ length: parts }, (_, part) => {
    const [from, to] = [edge(part), edge(part + 1)];
    return {
      after: bounds[from - 1] ?? null,
      upTo: bounds[to - 1] ?? null,
      bounds: bounds.slice(from, to - 1),
      rows: Math.round((rows * (to - from)) / ranges),
    };
  });
}
