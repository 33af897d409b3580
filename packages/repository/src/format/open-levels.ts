import { createSink, putU8, reserve, type Sink } from './sink.ts';

/**
 * Levels of lists that are one deep, in Parquet's hybrid of runs and packed bits (Encodings.md, "RLE"). `lengths` has the
 * elements of each row's list, {@link NULL_LIST} for a null. A row without elements has one level all the same.
 */
export const NULL_LIST = -1;

export function levelCount(lengths: Int32Array): number {
  let count = 0;
  for (const length of lengths) count += length > 1 ? length : 1;
  return count;
}

/** A run costs some bytes, a packed level an eighth: below this many levels a row, packing is smaller. */
const PACKED_BELOW = 40;

/** 0 where a row begins, else 1. */
export function repetitionLevels(lengths: Int32Array, count: number): Uint8Array {
  if (count < lengths.length * PACKED_BELOW) return packedStarts(lengths, count);
  const runs = createRuns();
  for (const length of lengths) {
    runs.add(0, 1);
    if (length > 1) runs.add(1, length - 1);
  }
  return runs.end();
}

function packedStarts(lengths: Int32Array, count: number): Uint8Array {
  const groups = Math.ceil(count / 8);
  const bits = new Uint8Array(groups).fill(0xff);
  let at = 0;
  for (const length of lengths) {
    bits[at >>> 3] = (bits[at >>> 3] ?? 0) & ~(1 << (at & 7));
    at += length > 1 ? length : 1;
  }
  const sink = createSink(8);
  putVarint(sink, groups * 2 + 1);
  return Buffer.concat([sink.bytes.subarray(0, sink.at), bits]);
}

/** 0 for a null list, 1 for an empty one, 2 for an element. */
export function listDefinitionLevels(lengths: Int32Array): Uint8Array {
  const runs = createRuns();
  for (const length of lengths) {
    if (length > 0) runs.add(2, length);
    else runs.add(length === NULL_LIST ? 0 : 1, 1);
  }
  return runs.end();
}

/** Runs of equal levels, neighbours joined. Levels below 256. */
function createRuns() {
  const sink = createSink(256);
  let [level, count] = [0, 0];
  const flush = (): void => {
    if (count === 0) return;
    putVarint(sink, count * 2);
    putU8(sink, level);
  };
  return {
    add(next: number, times: number): void {
      if (next === level) count += times;
      else {
        flush();
        [level, count] = [next, times];
      }
    },
    end(): Uint8Array {
      flush();
      return sink.bytes.subarray(0, sink.at);
    },
  };
}

/** Below 2^32. */
function putVarint(sink: Sink, value: number): void {
  reserve(sink, 5);
  let rest = value;
  while (rest >= 0x80) {
    putU8(sink, (rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  putU8(sink, rest);
}
