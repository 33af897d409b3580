/** Bytes under construction: a buffer that grows and is used again for the next row. */
export interface Sink {
  bytes: Uint8Array;
  view: DataView;
  at: number;
}

export function createSink(size = 4096): Sink {
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer), at: 0 };
}

/** Makes sure that `size` more bytes fit. Call it before every write. */
export function reserve(sink: Sink, size: number): void {
  const needed = sink.at + size;
  if (needed <= sink.bytes.length) return;
  const grown = new Uint8Array(Math.max(needed, sink.bytes.length * 2));
  grown.set(sink.bytes.subarray(0, sink.at));
  sink.bytes = grown;
  sink.view = new DataView(grown.buffer);
}

/** A call of `set` costs more than a short loop. */
const SHORT = 32;

export function putBytes(sink: Sink, source: Uint8Array, from = 0, to = source.length): void {
  const length = to - from;
  reserve(sink, length);
  const { bytes, at } = sink;
  // The loop stays inside `source` by its callers, so a byte is never undefined.
  if (length <= SHORT) for (let i = 0; i < length; i++) bytes[at + i] = source[from + i] as number;
  else bytes.set(source.subarray(from, to), at);
  sink.at = at + length;
}

export function putU8(sink: Sink, value: number): void {
  reserve(sink, 1);
  sink.bytes[sink.at] = value;
  sink.at += 1;
}

export function putU32(sink: Sink, value: number): void {
  reserve(sink, 4);
  sink.view.setUint32(sink.at, value, true);
  sink.at += 4;
}

/** A signed 32-bit number as 8 bytes. */
export function putInt(sink: Sink, value: number): void {
  reserve(sink, 8);
  sink.view.setInt32(sink.at, value, true);
  sink.view.setInt32(sink.at + 4, value >> 31, true);
  sink.at += 8;
}
