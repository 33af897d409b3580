import { compress, decompress } from '@cloudpss/zstd';

const LEVEL = 1;
/** A page is stored compressed only where that saves a tenth: float vectors mostly save less, and then cost time at every read. */
const WORTH = 0.9;
const SAMPLE_BYTES = 64 * 1024;

/** The body compressed, or null where it is not worth it. Large bodies are judged by a sample from their middle. */
export function compressed(body: Uint8Array): Uint8Array | null {
  if (body.length > 4 * SAMPLE_BYTES) {
    const from = (body.length - SAMPLE_BYTES) >>> 1;
    if (compress(body.subarray(from, from + SAMPLE_BYTES), LEVEL).length > SAMPLE_BYTES * WORTH) return null;
  }
  const small = compress(body, LEVEL);
  return small.length <= body.length * WORTH ? small : null;
}

/** Writers may leave the size out of a frame of less; a frame of so few bytes cannot become large. */
const UNSIZED_BYTES = 256;

/** Exactly `size` bytes. Throws before anything is allocated where the frame says another size. */
export function decompressed(frame: Uint8Array, size: number): Uint8Array {
  const announced = frameSize(frame);
  const small = announced === null && size < UNSIZED_BYTES && frame.length < 2 * UNSIZED_BYTES;
  if (announced !== size && !small)
    throw new Error(`a page of ${size} bytes is in a zstd frame of ${announced ?? 'unknown'} bytes`);
  const body = decompress(frame);
  if (body.length !== size) throw new Error(`a page of ${size} bytes became ${body.length} bytes`);
  return body;
}

/** Frame_Content_Size of a zstd frame (RFC 8878, section 3.1.1.1), or null where there is none. */
function frameSize(frame: Uint8Array): number | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.byteLength < 6 || view.getUint32(0, true) !== 0xfd2fb528) return null;
  const descriptor = view.getUint8(4);
  const single = (descriptor & 0x20) !== 0;
  const flag = descriptor >> 6;
  const at = 5 + (single ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  if (flag === 0) return single ? view.getUint8(at) : null;
  if (flag === 1) return view.getUint16(at, true) + 256;
  return flag === 2 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}
