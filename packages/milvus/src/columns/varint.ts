import { fail } from '@milvault/shared';

const torn = (): Error => fail('PROTOCOL_VIOLATION', { what: 'Milvus answered a torn column of numbers' });

/** How many varints a run of bytes holds: each ends with the one byte below 0x80. */
export function countVarints(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] ?? 0) < 0x80) count += 1;
  if (bytes.length > 0 && (bytes[bytes.length - 1] ?? 0) >= 0x80) throw torn();
  return count;
}

/** Packed bool or int32 (a negative one takes ten bytes, of which the low 32 bits count). */
export function decodeInt32s(bytes: Uint8Array): Int32Array {
  const values = new Int32Array(countVarints(bytes));
  let at = 0;
  for (let row = 0; row < values.length; row++) {
    let value = 0;
    let byte: number;
    let shift = 0;
    do {
      byte = bytes[at++] ?? 0;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    values[row] = value;
  }
  return values;
}

/** Packed int64. Works on the two halves: bigints would be ten times slower. */
export function decodeInt64s(bytes: Uint8Array): BigInt64Array {
  const values = new BigInt64Array(countVarints(bytes));
  const halves = new Int32Array(values.buffer);
  let at = 0;
  for (let row = 0; row < values.length; row++) {
    let low = 0;
    let high = 0;
    let byte: number;
    let shift = 0;
    do {
      byte = bytes[at++] ?? 0;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 64) high |= bits << (shift - 32);
      shift += 7;
    } while (byte >= 0x80);
    halves[2 * row] = low;
    halves[2 * row + 1] = high;
  }
  return values;
}

/** A non-negative part below 2^32, without its sign. */
const sizeOfUint32 = (value: number): number =>
  value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;

/** Bytes of a varint given by its two unsigned halves. */
function sizeOfHalves(low: number, high: number): number {
  if (high === 0) return sizeOfUint32(low);
  // 35 bits fit five bytes: each further byte takes seven bits of the high half.
  if (high < 0x8) return 5;
  return high < 0x400 ? 6 : high < 0x2_0000 ? 7 : high < 0x100_0000 ? 8 : high < 0x8000_0000 ? 9 : 10;
}

function writeHalves(target: Uint8Array, at: number, low: number, high: number): number {
  let position = at;
  let rest = low;
  let above = high;
  while (above > 0) {
    target[position++] = (rest & 0x7f) | 0x80;
    rest = ((rest >>> 7) | ((above & 0x7f) << 25)) >>> 0;
    above >>>= 7;
  }
  while (rest >= 0x80) {
    target[position++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[position++] = rest;
  return position;
}

/** The values with `keep[row] === 1` (all where null) of `values[from, to)` as packed varints. */
export function encodeInt32s(values: Int32Array, keep: Uint8Array | null, from: number, to: number): Uint8Array {
  let size = 0;
  for (let row = from; row < to; row++) {
    const value = values[row] ?? 0;
    if (keep === null || keep[row] === 1) size += value < 0 ? 10 : sizeOfUint32(value);
  }
  const packed = new Uint8Array(size);
  let at = 0;
  for (let row = from; row < to; row++) {
    const value = values[row] ?? 0;
    if (keep === null || keep[row] === 1) at = writeHalves(packed, at, value >>> 0, value < 0 ? 0xffff_ffff : 0);
  }
  return packed;
}

export function encodeInt64s(values: BigInt64Array, keep: Uint8Array | null, from: number, to: number): Uint8Array {
  const halves = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  let size = 0;
  for (let row = from; row < to; row++) {
    if (keep === null || keep[row] === 1) size += sizeOfHalves(halves[2 * row] ?? 0, halves[2 * row + 1] ?? 0);
  }
  const packed = new Uint8Array(size);
  let at = 0;
  for (let row = from; row < to; row++) {
    if (keep === null || keep[row] === 1) {
      at = writeHalves(packed, at, halves[2 * row] ?? 0, halves[2 * row + 1] ?? 0);
    }
  }
  return packed;
}
