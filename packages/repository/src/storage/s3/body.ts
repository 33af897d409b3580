import { StoreFault } from './faults.ts';

/**
 * Reads the body of an answer whole. `cut` where it ends early or goes on beyond what was announced: a connection that
 * broke looks like a shorter object.
 */
export async function readBody(body: AsyncIterable<Uint8Array>, size: number | undefined): Promise<Uint8Array> {
  if (size === undefined) return readUnsized(body);
  const bytes = Buffer.allocUnsafeSlow(size);
  let done = 0;
  for await (const piece of body) {
    if (done + piece.length > size) throw wrongLength(done + piece.length, size);
    bytes.set(piece, done);
    done += piece.length;
  }
  if (done < size) throw wrongLength(done, size);
  return bytes;
}

async function readUnsized(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

const wrongLength = (got: number, size: number): StoreFault =>
  new StoreFault('cut', `an answer of ${size} bytes had ${got < size ? 'only ' : ''}${got}`);
