import type { KeyRange } from '@milvault/milvus';
import type { PrimaryKey } from '@milvault/shared';

/** What is to be read: after < k <= upTo, with rising bounds between which about equally many rows lie. */
export interface RangePlan extends KeyRange {
  readonly bounds: readonly PrimaryKey[];
  readonly rowsExpected: number;
  /** Bytes of a row, as far as known before any was read. */
  readonly rowBytes: number;
}

/** What one read is for. */
export interface Cut {
  readonly range: KeyRange;
  /** Rows that are expected in it. */
  readonly rows: number;
}

/**
 * Cuts a plan into the ranges of single reads, in key order, without a gap between them: a range begins where the one
 * before it ended. Learns the size of rows from what came, so that ranges come close to the page size that is wanted.
 */
export interface Cutter {
  /** False when everything was cut. */
  more(): boolean;
  /** The next range, of about `pageBytes`. Only while there is more. */
  next(pageBytes: number): Cut;
  learn(rows: number, bytes: number): void;
}

/** Rows that must have been seen before the plan's guess of a row's size is dropped. */
const ENOUGH_ROWS = 50;

export function createCutter(plan: RangePlan): Cutter {
  const gaps = plan.bounds.length + 1;
  const rowsPerGap = plan.rowsExpected / gaps;
  let cut = 0;
  let rows = 0;
  let bytes = 0;

  const rowBytes = (): number => (rows < ENOUGH_ROWS ? plan.rowBytes : bytes / rows);
  const edge = (gap: number): PrimaryKey | null => (gap >= gaps ? plan.upTo : (plan.bounds[gap - 1] ?? plan.after));

  return {
    more: () => cut < gaps,
    next(pageBytes) {
      const gapBytes = Math.max(1, rowsPerGap * rowBytes());
      const wanted = Math.max(1, Math.round(pageBytes / gapBytes));
      const taken = Math.min(gaps - cut, wanted);
      const range = { after: edge(cut), upTo: edge(cut + taken) };
      cut += taken;
      return { range, rows: Math.round(taken * rowsPerGap) };
    },
    learn(moreRows, moreBytes) {
      rows += moreRows;
      bytes += moreBytes;
    },
  };
}
