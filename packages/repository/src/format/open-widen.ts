import { memoryOf } from './chunk-pages.ts';

/** Small numbers of vectors as the wider ones that Parquet has. Every value stays what it is, NaNs with all their bits. */

const u16 = (bytes: Uint8Array, i: number): number => (bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8);

/** IEEE 754 half precision, little endian, as single precision. */
export function widenFloat16(bytes: Uint8Array): Uint8Array {
  const count = bytes.length >>> 1;
  const bits = new Uint32Array(count);
  const floats = new Float32Array(bits.buffer);
  for (let i = 0; i < count; i++) {
    const half = u16(bytes, i);
    const sign = (half & 0x8000) << 16;
    const exponent = half & 0x7c00;
    if (exponent === 0) {
      // Zero or subnormal: a multiple of 2^-24, which single precision holds exactly as a normal number.
      floats[i] = (half & 0x3ff) * 2 ** -24;
      bits[i] = (bits[i] ?? 0) | sign;
    } else if (exponent === 0x7c00) bits[i] = sign | 0x7f800000 | ((half & 0x3ff) << 13);
    else bits[i] = sign | (((half & 0x7fff) << 13) + ((127 - 15) << 23));
  }
  return memoryOf(bits);
}

/** bfloat16 is the upper half of single precision. */
export function widenBFloat16(bytes: Uint8Array): Uint8Array {
  const bits = new Uint32Array(bytes.length >>> 1);
  for (let i = 0; i < bits.length; i++) bits[i] = u16(bytes, i) << 16;
  return memoryOf(bits);
}

export function widenInt8(bytes: Uint8Array): Uint8Array {
  const wide = new Int32Array(bytes.length);
  wide.set(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length));
  return memoryOf(wide);
}
