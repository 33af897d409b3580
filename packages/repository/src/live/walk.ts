import { isMarked } from '../format/deletions.ts';
import { FINGERPRINT_BYTES } from '../format/fingerprint.ts';
import type { ChunkEntry, LiveKeys, LiveRange, LiveRow, RawKey } from '../port.ts';
import type { ChunkKeys } from './chunk-keys.ts';
import { compareRawKeys, firstAfter, toRawKey } from './raw-keys.ts';

/** A chunk that may have rows in the range, with its bounds as the index gives them. */
export interface WalkedChunk {
  readonly place: number;
  readonly entry: ChunkEntry;
  readonly first: RawKey;
  readonly last: RawKey;
}

/** Stands on a live row of one open chunk. */
interface Cursor extends LiveRow {
  key: RawKey;
  /** False at the end of the chunk or of the range. */
  step(): boolean;
}

/** {@link import('../port.ts').LiveKeys}; `chunks` by rising first key. */
export function walkLive(
  chunks: readonly WalkedChunk[],
  range: LiveRange,
  read: (entry: ChunkEntry) => Promise<ChunkKeys>,
): LiveKeys {
  const after = range.after === null ? null : toRawKey(range.after);
  const upTo = range.upTo === null ? null : toRawKey(range.upTo);
  const inRange = ({ first, last }: WalkedChunk): boolean =>
    (after === null || compareRawKeys(last, after) > 0) && (upTo === null || compareRawKeys(first, upTo) <= 0);
  const waiting = chunks.filter(inRange);
  const open: Cursor[] = [];
  let next = 0;
  let least: Cursor | null = null;

  const smallest = (): Cursor | null => {
    if (least !== null || open.length === 0) return least;
    least = open.reduce((a, b) => (compareRawKeys(b.key, a.key) < 0 ? b : a));
    return least;
  };

  return {
    async load(bound) {
      const key = bound === null ? null : toRawKey(bound);
      for (; next < waiting.length; next++) {
        const chunk = waiting[next];
        if (chunk === undefined || (key !== null && compareRawKeys(chunk.first, key) > 0)) return;
        const cursor = openCursor(chunk.place, await read(chunk.entry), after, upTo);
        if (cursor.step()) open.push(cursor);
        least = null;
      }
    },
    smallest,
    pass() {
      const cursor = smallest();
      if (cursor !== null && !cursor.step()) open.splice(open.indexOf(cursor), 1);
      // With one chunk open, which is the rule in a full, the next row of it is the smallest again.
      least = open.length === 1 ? (open[0] ?? null) : null;
    },
  };
}

function openCursor(
  place: number,
  { keys, prints, dead }: ChunkKeys,
  after: RawKey | null,
  upTo: RawKey | null,
): Cursor {
  let row = (after === null ? 0 : firstAfter(keys, after)) - 1;
  const end = upTo === null ? keys.length : firstAfter(keys, upTo);
  const cursor: Cursor = {
    chunk: place,
    key: 0n,
    get row() {
      return row;
    },
    step() {
      do row += 1;
      while (row < end && dead !== null && isMarked(dead, row));
      if (row >= end) return false;
      cursor.key = keys.at(row);
      return true;
    },
    hasPrint(other, at) {
      const from = row * FINGERPRINT_BYTES;
      for (let i = 0; i < FINGERPRINT_BYTES; i++) if (prints[from + i] !== other[at + i]) return false;
      return true;
    },
    copyPrint(into, at) {
      into.set(prints.subarray(row * FINGERPRINT_BYTES, (row + 1) * FINGERPRINT_BYTES), at);
    },
  };
  return cursor;
}
