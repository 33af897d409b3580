import { fail, fromErrorRecord, toErrorRecord, type ErrorRecord } from '@milvault/shared';
import type { ExportPiece } from './port.ts';

/**
 * Pieces of an export as one stream of bytes, for a way that may break anywhere and has no other place for an error:
 * frames of one byte that says what they are, the length of what follows (u32, little endian), and that.
 */
const FRAME = {
  /** Bytes of the file that is open. */
  bytes: 1,
  /** The file ends; JSON `{rows, bytes, sha256}`. */
  end: 2,
  /** Nothing more comes, and all came. */
  whole: 3,
  /** Nothing more comes; JSON of the error. */
  error: 4,
} as const;
type FrameKind = (typeof FRAME)[keyof typeof FRAME];

/** An error as it travels: with a code of this version or a later one. */
export type ErrorFrame = Omit<ErrorRecord, 'code'> & { readonly code: string };

const HEAD = 5;
/** Longer ones are cut. A receiver refuses more, so that it never holds more. */
const MAX_FRAME = 8 * 1024 * 1024;

/** Never rejects: an error becomes the last frame, as `shown` makes it. */
export async function* exportFrames(
  pieces: AsyncIterable<ExportPiece>,
  shown: (thrown: unknown) => ErrorFrame = toErrorRecord,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of pieces) {
      if (piece.kind === 'bytes') yield* bytesFrames(piece.bytes);
      else {
        const { rows, bytes, sha256 } = piece;
        yield* frame(FRAME.end, Buffer.from(JSON.stringify({ rows, bytes, sha256 })));
      }
    }
    yield* frame(FRAME.whole, new Uint8Array());
  } catch (thrown) {
    yield* frame(FRAME.error, Buffer.from(JSON.stringify(shown(thrown))));
  }
}

function* bytesFrames(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += MAX_FRAME) yield* frame(FRAME.bytes, bytes.subarray(at, at + MAX_FRAME));
}

function* frame(kind: FrameKind, payload: Uint8Array): Generator<Uint8Array> {
  const head = Buffer.alloc(HEAD);
  head.writeUInt8(kind, 0);
  head.writeUInt32LE(payload.length, 1);
  yield head;
  if (payload.length > 0) yield payload;
}

/** The pieces again. Rejects with the error that was sent, and with API_UNREACHABLE where the stream broke off. */
export async function* piecesOfFrames(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ExportPiece> {
  for await (const { kind, payload } of framesOf(stream)) {
    if (kind === FRAME.whole) return;
    if (kind === FRAME.bytes) yield { kind: 'bytes', bytes: payload };
    else if (kind === FRAME.end) yield { kind: 'end', ...(json(payload) as Omit<End, 'kind'>) };
    else if (kind === FRAME.error) throw fromErrorRecord(json(payload) as ErrorFrame);
    else throw broken(`a frame of the unknown kind ${kind}`);
  }
  throw broken('an end in the middle');
}

type End = Extract<ExportPiece, { kind: 'end' }>;

/** The casts above trust the sender, which is this same file; bytes that are damaged on the way do not pass the hash. */
const json = (payload: Uint8Array): unknown => JSON.parse(Buffer.from(payload).toString('utf8'));

async function* framesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<{ kind: number; payload: Uint8Array }> {
  let parts: Uint8Array[] = [];
  let held = 0;
  let wanted = HEAD;
  let kind: number | null = null;
  for await (const part of stream) {
    parts.push(part);
    held += part.length;
    if (held < wanted) continue;
    let bytes: Uint8Array = Buffer.concat(parts, held);
    while (bytes.length >= wanted) {
      const taken = bytes.subarray(0, wanted);
      bytes = bytes.subarray(wanted);
      if (kind === null) [kind, wanted] = readHead(taken);
      else {
        yield { kind, payload: taken };
        [kind, wanted] = [null, HEAD];
      }
    }
    parts = [bytes];
    held = bytes.length;
  }
}

function readHead(head: Uint8Array): [kind: number, length: number] {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const length = view.getUint32(1, true);
  if (length > MAX_FRAME) throw broken(`a frame of ${length} bytes`);
  return [view.getUint8(0), length];
}

const broken = (got: string): Error =>
  fail('API_UNREACHABLE', {
    what: 'The stream of an export broke off',
    expected: 'an export to its end',
    got,
    next: 'Look at the log of the API, then export again',
  });
