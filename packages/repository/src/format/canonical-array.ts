import { putBytes, putInt, putU32, putU8, reserve, type Sink } from './sink.ts';

/**
 * The elements of an Array value as canonical bytes (`docs/backup-format.md`, "Array"). The value is a message
 * milvus.proto.schema.ScalarField: one of bool_data = 1, int_data = 2, long_data = 3, float_data = 4, double_data = 5,
 * string_data = 6, each a message whose field 1 repeats the elements, packed or one by one.
 */
interface Reader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
}

/** Members of the oneof, by field number. */
const BOOL = 1;
const INT = 2;
const LONG = 3;
const FLOAT = 4;
const DOUBLE = 5;
const STRING = 6;

/** Classes of elements. Both widths of integers are one class; an empty array has class 0. */
const CLASSES: Readonly<Record<number, number>> = {
  [BOOL]: 1,
  [INT]: 2,
  [LONG]: 2,
  [FLOAT]: 3,
  [DOUBLE]: 4,
  [STRING]: 5,
};

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_BYTES = 2;
const WIRE_FIXED32 = 5;

/** Appends class, count and elements. False, with the sink as it was, where the bytes are not such a message. */
export function putCanonicalArray(sink: Sink, value: Uint8Array): boolean {
  const start = sink.at;
  putU8(sink, 0);
  putU32(sink, 0);
  const count = readElements(sink, { bytes: value, at: 0, end: value.length }, start);
  if (count < 0) {
    sink.at = start;
    return false;
  }
  sink.view.setUint32(start + 1, count, true);
  if (count === 0) sink.bytes[start] = 0;
  return true;
}

/** Count of the elements that were appended, or -1. Of several members of the oneof the last one holds. */
function readElements(sink: Sink, reader: Reader, start: number): number {
  let member = 0;
  let count = 0;
  while (reader.at < reader.end) {
    const tag = readVarint(reader);
    const field = tag >>> 3;
    const elementClass = CLASSES[field];
    if (elementClass === undefined || (tag & 7) !== WIRE_BYTES) return -1;
    const inner = readSlice(reader);
    if (inner === null) return -1;
    if (field !== member) {
      sink.at = start + 5;
      sink.bytes[start] = elementClass;
      count = 0;
      member = field;
    }
    while (inner.at < inner.end) {
      const added = readRepeated(sink, inner, field);
      if (added < 0) return -1;
      count += added;
    }
  }
  return reader.at === reader.end ? count : -1;
}

/** One record of the repeated field 1: a single element, or many that are packed. */
function readRepeated(sink: Sink, reader: Reader, member: number): number {
  const tag = readVarint(reader);
  if (tag >>> 3 !== 1) return -1;
  const wire = tag & 7;
  if (member === STRING) return wire === WIRE_BYTES ? putText(sink, reader) : -1;
  if (wire === wireOf(member)) return putElement(sink, reader, member) ? 1 : -1;
  if (wire !== WIRE_BYTES) return -1;
  const packed = readSlice(reader);
  if (packed === null) return -1;
  let count = 0;
  for (; packed.at < packed.end; count++) if (!putElement(sink, packed, member)) return -1;
  return count;
}

const wireOf = (member: number): number =>
  member <= LONG ? WIRE_VARINT : member === FLOAT ? WIRE_FIXED32 : WIRE_FIXED64;

function putElement(sink: Sink, reader: Reader, member: number): boolean {
  if (member > LONG) {
    const width = member === FLOAT ? 4 : 8;
    if (reader.at + width > reader.end) return false;
    putBytes(sink, reader.bytes, reader.at, reader.at + width);
    reader.at += width;
    return true;
  }
  reserve(sink, 8);
  if (!readVarint64(reader, sink.view, sink.at)) return false;
  if (member === BOOL) putU8(sink, sink.view.getBigUint64(sink.at, true) === 0n ? 0 : 1);
  // An int32 is what its low half says, however many bytes it was spelt with.
  else if (member === INT) putInt(sink, sink.view.getInt32(sink.at, true));
  else sink.at += 8;
  return true;
}

function putText(sink: Sink, reader: Reader): number {
  const text = readSlice(reader);
  if (text === null) return -1;
  putU32(sink, text.end - text.at);
  putBytes(sink, text.bytes, text.at, text.end);
  return 1;
}

/** A length-delimited record, or null where it does not fit. */
function readSlice(reader: Reader): Reader | null {
  const length = readVarint(reader);
  const at = reader.at;
  if (length < 0 || at + length > reader.end) return null;
  reader.at += length;
  return { bytes: reader.bytes, at, end: at + length };
}

/** A tag or a length: below 2^31. -1 where it is longer or cut; no tag and no length is ever negative. */
function readVarint(reader: Reader): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    if (reader.at >= reader.end) return -1;
    const byte = reader.bytes[reader.at++] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value < 2 ** 31 ? value : -1;
  }
  return -1;
}

/** A 64-bit varint as 8 little-endian bytes at `to`. */
function readVarint64(reader: Reader, view: DataView, to: number): boolean {
  let low = 0;
  let high = 0;
  for (let i = 0; i < 10; i++) {
    if (reader.at >= reader.end) return false;
    const byte = reader.bytes[reader.at++] ?? 0;
    const bits = byte & 0x7f;
    if (i < 4) low |= bits << (7 * i);
    else if (i === 4) {
      low |= bits << 28;
      high |= bits >> 4;
    } else high |= bits << (7 * i - 32);
    if (byte < 0x80) {
      view.setInt32(to, low, true);
      view.setInt32(to + 4, high, true);
      return true;
    }
  }
  return false;
}
