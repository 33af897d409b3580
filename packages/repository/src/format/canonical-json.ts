import { isUtf8 } from 'node:buffer';
import { readNumber } from './canonical-number.ts';
import { putBytes, putU32, putU8, type Sink } from './sink.ts';

/** A JSON text on its way, token by token, into a sink. */
export interface JsonReader {
  readonly text: Uint8Array;
  at: number;
  readonly sink: Sink;
  /** All bytes of strings, or-ed: below 0x80 the text is ASCII, and need not be checked to be UTF-8. */
  bits: number;
}

/** Deeper values are compared as they are spelt. */
export const MAX_JSON_DEPTH = 200;

const [TAB, LF, CR, SPACE, QUOTE, COMMA, COLON, BACKSLASH] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x3a, 0x5c] as const;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d] as const;

/**
 * Appends the canonical form of a JSON text (`docs/backup-format.md`, "JSON"): key order, white space, escapes and the
 * spelling of numbers do not matter, and no digit is ever lost. False, with the sink as it was, where the text is no JSON.
 */
export function putCanonicalJson(sink: Sink, text: Uint8Array): boolean {
  const start = sink.at;
  const reader: JsonReader = { text, at: 0, sink, bits: 0 };
  if (readValue(reader, 0)) {
    skipSpace(reader);
    if (reader.at === text.length && (reader.bits < 0x80 || isUtf8(text))) return true;
  }
  sink.at = start;
  return false;
}

function skipSpace(reader: JsonReader): void {
  for (; ; reader.at += 1) {
    const byte = reader.text[reader.at];
    if (byte !== SPACE && byte !== LF && byte !== CR && byte !== TAB) return;
  }
}

function readValue(reader: JsonReader, depth: number): boolean {
  skipSpace(reader);
  const byte = reader.text[reader.at] ?? -1;
  switch (byte) {
    case QUOTE:
      putU8(reader.sink, QUOTE);
      return readString(reader);
    case OPEN_OBJECT:
      return depth < MAX_JSON_DEPTH && readObject(reader, depth);
    case OPEN_LIST:
      return depth < MAX_JSON_DEPTH && readList(reader, depth);
    case 0x6e:
      return readWord(reader, WORDS.null);
    case 0x74:
      return readWord(reader, WORDS.true);
    case 0x66:
      return readWord(reader, WORDS.false);
    default:
      return readNumber(reader);
  }
}

const WORDS = { null: Buffer.from('null'), true: Buffer.from('true'), false: Buffer.from('false') };

function readWord(reader: JsonReader, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (reader.text[reader.at + i] !== word[i]) return false;
  reader.at += word.length;
  putBytes(reader.sink, word, 0, 1);
  return true;
}

/** After an opening bracket: steps over it and tells whether the closing one follows at once. */
function opens(reader: JsonReader, close: number): boolean {
  reader.at += 1;
  skipSpace(reader);
  if (reader.text[reader.at] !== close) return false;
  reader.at += 1;
  return true;
}

/** After an element: 'more' behind a comma, 'end' behind the closing bracket, or null where neither stands. */
function afterElement(reader: JsonReader, close: number): 'more' | 'end' | null {
  skipSpace(reader);
  const byte = reader.text[reader.at];
  reader.at += 1;
  return byte === COMMA ? 'more' : byte === close ? 'end' : null;
}

function readList(reader: JsonReader, depth: number): boolean {
  const { sink } = reader;
  putU8(sink, OPEN_LIST);
  const countAt = sink.at;
  putU32(sink, 0);
  if (opens(reader, CLOSE_LIST)) return true;
  for (let count = 1; ; count++) {
    if (!readValue(reader, depth + 1)) return false;
    const next = afterElement(reader, CLOSE_LIST);
    if (next === null) return false;
    if (next === 'more') continue;
    sink.view.setUint32(countAt, count, true);
    return true;
  }
}

interface Member {
  readonly from: number;
  /** The key's bytes are [keyFrom, keyTo) of the sink. */
  readonly keyFrom: number;
  readonly keyTo: number;
  readonly to: number;
}

function readObject(reader: JsonReader, depth: number): boolean {
  const { sink } = reader;
  putU8(sink, OPEN_OBJECT);
  const countAt = sink.at;
  putU32(sink, 0);
  if (opens(reader, CLOSE_OBJECT)) return true;
  const members: Member[] = [];
  for (;;) {
    skipSpace(reader);
    const from = sink.at;
    if (reader.text[reader.at] !== QUOTE || !readString(reader)) return false;
    const keyTo = sink.at;
    skipSpace(reader);
    if (reader.text[reader.at] !== COLON) return false;
    reader.at += 1;
    if (!readValue(reader, depth + 1)) return false;
    members.push({ from, keyFrom: from + 4, keyTo, to: sink.at });
    const next = afterElement(reader, CLOSE_OBJECT);
    if (next === null) return false;
    if (next === 'more') continue;
    sink.view.setUint32(countAt, members.length, true);
    sortMembers(sink, members);
    return true;
  }
}

/** Members by the bytes of their keys; equal keys keep their order, since the text holds both. */
function sortMembers(sink: Sink, members: readonly Member[]): void {
  const [first, last] = [members[0], members.at(-1)];
  if (first === undefined || last === undefined || areSorted(sink.bytes, members)) return;
  const copy = sink.bytes.slice(first.from, last.to);
  let at = first.from;
  for (const { from, to } of [...members].sort((a, b) => compareMembers(sink.bytes, a, b))) {
    sink.bytes.set(copy.subarray(from - first.from, to - first.from), at);
    at += to - from;
  }
}

function areSorted(bytes: Uint8Array, members: readonly Member[]): boolean {
  for (let i = 1; i < members.length; i++) {
    const [a, b] = [members[i - 1], members[i]];
    if (a !== undefined && b !== undefined && compareMembers(bytes, a, b) > 0) return false;
  }
  return true;
}

/** A loop over a few bytes: keys are short, and a view for each would cost more than the comparison. */
function compareMembers(bytes: Uint8Array, a: Member, b: Member): number {
  const length = Math.min(a.keyTo - a.keyFrom, b.keyTo - b.keyFrom);
  for (let i = 0; i < length; i++) {
    const difference = (bytes[a.keyFrom + i] ?? 0) - (bytes[b.keyFrom + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.keyTo - a.keyFrom - (b.keyTo - b.keyFrom);
}

/** A string behind its opening quote: its length and its bytes with all escapes resolved. */
function readString(reader: JsonReader): boolean {
  const { text, sink } = reader;
  const lengthAt = sink.at;
  putU32(sink, 0);
  reader.at += 1;
  for (;;) {
    const from = reader.at;
    let byte = text[reader.at];
    while (byte !== undefined && byte !== QUOTE && byte !== BACKSLASH && byte >= SPACE) {
      reader.bits |= byte;
      byte = text[++reader.at];
    }
    putBytes(sink, text, from, reader.at);
    if (byte === undefined || byte < SPACE) return false;
    reader.at += 1;
    if (byte === QUOTE) break;
    if (!readEscape(reader)) return false;
  }
  sink.view.setUint32(lengthAt, sink.at - lengthAt - 4, true);
  return true;
}

const ESCAPES: Readonly<Record<number, number>> = {
  0x22: QUOTE,
  0x5c: BACKSLASH,
  0x2f: 0x2f,
  0x62: 0x08,
  0x66: 0x0c,
  0x6e: LF,
  0x72: CR,
  0x74: TAB,
};

function readEscape(reader: JsonReader): boolean {
  const byte = reader.text[reader.at] ?? 0;
  reader.at += 1;
  if (byte !== 0x75) {
    const plain = ESCAPES[byte];
    if (plain !== undefined) putU8(reader.sink, plain);
    return plain !== undefined;
  }
  const high = readHex(reader);
  if (high < 0) return false;
  if (high >= 0xd800 && high < 0xdc00 && reader.text[reader.at] === BACKSLASH && reader.text[reader.at + 1] === 0x75) {
    const back = reader.at;
    reader.at += 2;
    const low = readHex(reader);
    if (low >= 0xdc00 && low < 0xe000) {
      putCodePoint(reader.sink, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
      return true;
    }
    reader.at = back;
  }
  putCodePoint(reader.sink, high);
  return true;
}

function readHex(reader: JsonReader): number {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const digit = parseInt(String.fromCharCode(reader.text[reader.at] ?? 0), 16);
    if (Number.isNaN(digit)) return -1;
    value = value * 16 + digit;
    reader.at += 1;
  }
  return value;
}

/** UTF-8; half a surrogate pair, which JSON can spell but UTF-8 cannot, takes the three bytes that it would have. */
function putCodePoint(sink: Sink, code: number): void {
  if (code < 0x80) return putU8(sink, code);
  if (code < 0x800) putU8(sink, 0xc0 | (code >> 6));
  else {
    if (code < 0x10000) putU8(sink, 0xe0 | (code >> 12));
    else {
      putU8(sink, 0xf0 | (code >> 18));
      putU8(sink, 0x80 | ((code >> 12) & 0x3f));
    }
    putU8(sink, 0x80 | ((code >> 6) & 0x3f));
  }
  putU8(sink, 0x80 | (code & 0x3f));
}
