import { fail } from '@milvault/shared';

/**
 * The Protocol Buffers wire format (protobuf.dev/programming-guides/encoding), as far as it is read and written without
 * decoding: large columns are found in a reply and cut out as views of it, and put into a request as they are.
 */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const malformed = (at: number): Error =>
  fail('PROTOCOL_VIOLATION', { what: 'Milvus answered a malformed message', details: { offset: at } });

/** Walks the fields of one encoded message. After `next()`, `field` and `wire` say what is there; take or skip it. */
export class WireReader {
  readonly bytes: Uint8Array;
  field = 0;
  wire = 0;
  private position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  next(): boolean {
    if (this.position >= this.bytes.length) return false;
    const tag = this.varint();
    this.field = Math.floor(tag / 8);
    this.wire = tag & 7;
    return true;
  }

  /** A varint of up to 53 bits; longer ones (negative numbers) are read by their raw bytes. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.bytes[this.position++];
      if (byte === undefined) throw malformed(this.position);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw malformed(this.position);
  }

  /** The payload of the field as a view: of a length-delimited one its content, of any other its encoded bytes. */
  payload(): Uint8Array {
    const length = this.payloadLength();
    const end = this.position + length;
    if (end > this.bytes.length) throw malformed(this.position);
    const view = this.bytes.subarray(this.position, end);
    this.position = end;
    return view;
  }

  skip(): void {
    this.payload();
  }

  private payloadLength(): number {
    switch (this.wire) {
      case WIRE.bytes:
        return this.varint();
      case WIRE.fixed32:
        return 4;
      case WIRE.fixed64:
        return 8;
      case WIRE.varint: {
        let end = this.position;
        while ((this.bytes[end] ?? 0) >= 0x80) end += 1;
        return end + 1 - this.position;
      }
      default:
        throw malformed(this.position);
    }
  }
}

/** All payloads of field `number`, in order. */
export function payloadsOf(message: Uint8Array, number: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  const reader = new WireReader(message);
  while (reader.next()) {
    if (reader.field === number) found.push(reader.payload());
    else reader.skip();
  }
  return found;
}

const EMPTY = new Uint8Array(0);

/**
 * The payloads of field `number` as one run of bytes. Right for packed numbers, however many pieces a server sent them
 * in and whether it packed them at all, and for embedded messages, whose parts merge by concatenation. One piece, the
 * usual case, is a view.
 */
export function joinedPayload(message: Uint8Array, number: number): Uint8Array {
  const pieces = payloadsOf(message, number);
  if (pieces.length <= 1) return pieces[0] ?? EMPTY;
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const varintSize = (value: number): number => {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size += 1;
  return size;
};

function putVarint(target: Uint8Array, at: number, value: number): number {
  let position = at;
  let rest = value;
  while (rest >= 128) {
    target[position++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  target[position++] = rest;
  return position;
}

/** A message being built: pieces that are copied only once, when the whole is joined. */
export interface Rope {
  readonly size: number;
  readonly pieces: readonly Uint8Array[];
}

export const rope = (...pieces: readonly Uint8Array[]): Rope => ({
  size: pieces.reduce((sum, piece) => sum + piece.length, 0),
  pieces,
});

export const joinRopes = (...ropes: readonly Rope[]): Rope => ({
  size: ropes.reduce((sum, one) => sum + one.size, 0),
  pieces: ropes.flatMap((one) => one.pieces),
});

/** A length-delimited field: string, bytes, message or packed numbers. */
export function delimited(number: number, content: Rope): Rope {
  const tag = number * 8 + WIRE.bytes;
  const header = new Uint8Array(varintSize(tag) + varintSize(content.size));
  putVarint(header, putVarint(header, 0, tag), content.size);
  return { size: header.length + content.size, pieces: [header, ...content.pieces] };
}

/** A varint field; zero is not sent, as the protocol's rules for defaults have it. */
export function varintField(number: number, value: number): Rope {
  if (value === 0) return rope();
  const tag = number * 8 + WIRE.varint;
  const bytes = new Uint8Array(varintSize(tag) + varintSize(value));
  putVarint(bytes, putVarint(bytes, 0, tag), value);
  return rope(bytes);
}

/** A field as a {@link WireReader} found it. */
export function rawField(number: number, wire: number, payload: Uint8Array): Rope {
  if (wire === WIRE.bytes) return delimited(number, rope(payload));
  const tag = number * 8 + wire;
  const header = new Uint8Array(varintSize(tag));
  putVarint(header, 0, tag);
  return rope(header, payload);
}

export const textField = (number: number, text: string): Rope =>
  text === '' ? rope() : delimited(number, rope(Buffer.from(text, 'utf8')));

/** A repeated length-delimited field, written in one piece because its entries are many and small. */
export function repeatedField(number: number, entries: readonly Uint8Array[]): Rope {
  const tag = number * 8 + WIRE.bytes;
  let size = 0;
  for (const entry of entries) size += varintSize(tag) + varintSize(entry.length) + entry.length;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const entry of entries) {
    at = putVarint(bytes, putVarint(bytes, at, tag), entry.length);
    bytes.set(entry, at);
    at += entry.length;
  }
  return rope(bytes);
}

export const joined = (whole: Rope): Buffer => Buffer.concat(whole.pieces, whole.size);
