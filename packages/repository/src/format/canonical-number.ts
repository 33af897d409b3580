import type { JsonReader } from './canonical-json.ts';
import { putBytes, putU32, putU8, reserve, type Sink } from './sink.ts';

const [MINUS, DOT, ZERO, NINE, NUMBER] = [0x2d, 0x2e, 0x30, 0x39, 0x23] as const;

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= NINE;

function skipDigits(reader: JsonReader): number {
  const from = reader.at;
  while (isDigit(reader.text[reader.at])) reader.at += 1;
  return reader.at - from;
}

/** Digits without zeros at either end, `e`, and the power of ten: `-125e-1`. Zero, of either sign, is `0e0`. */
export function readNumber(reader: JsonReader): boolean {
  const { text, sink } = reader;
  const negative = text[reader.at] === MINUS;
  if (negative) reader.at += 1;
  const whole = reader.at;
  const wholeLength = skipDigits(reader);
  if (wholeLength === 0 || (wholeLength > 1 && text[whole] === ZERO)) return false;
  let fractionLength = 0;
  if (text[reader.at] === DOT) {
    reader.at += 1;
    fractionLength = skipDigits(reader);
    if (fractionLength === 0) return false;
  }
  const exponent = readExponent(reader);
  if (exponent === null) return false;

  putU8(sink, NUMBER);
  const lengthAt = sink.at;
  putU32(sink, 0);
  if (negative) putU8(sink, MINUS);
  const digits = sink.at;
  putBytes(sink, text, whole, whole + wholeLength);
  putBytes(sink, text, whole + wholeLength + 1, whole + wholeLength + 1 + fractionLength);
  const dropped = trimZeros(sink, digits);
  if (dropped === null) sink.at = lengthAt + 4;
  putAscii(sink, dropped === null ? '0e0' : `e${powerOf(exponent, dropped - fractionLength)}`);
  sink.view.setUint32(lengthAt, sink.at - lengthAt - 4, true);
  return true;
}

/** Exponents of more digits than this are rare, and are not exact in a double. */
const SAFE_DIGITS = 15;

/** The written exponent, 0 where there is none, null where it is malformed. It may be longer than any number type. */
function readExponent(reader: JsonReader): number | bigint | null {
  const { text } = reader;
  const byte = text[reader.at];
  if (byte !== 0x65 && byte !== 0x45) return 0;
  reader.at += 1;
  const sign = text[reader.at];
  if (sign === 0x2b || sign === MINUS) reader.at += 1;
  const from = reader.at;
  if (skipDigits(reader) === 0) return null;
  const digits = Buffer.from(text.buffer, text.byteOffset + from, reader.at - from).toString('latin1');
  if (digits.length <= SAFE_DIGITS) return sign === MINUS ? -Number(digits) : Number(digits);
  return sign === MINUS ? -BigInt(digits) : BigInt(digits);
}

const powerOf = (exponent: number | bigint, shift: number): number | bigint =>
  typeof exponent === 'bigint' ? exponent + BigInt(shift) : exponent + shift;

/** Cuts the zeros at both ends of the digits that end the sink. Returns how many were cut at the right, null for zero. */
function trimZeros(sink: Sink, from: number): number | null {
  let first = from;
  while (first < sink.at && sink.bytes[first] === ZERO) first += 1;
  if (first === sink.at) return null;
  let end = sink.at;
  while (sink.bytes[end - 1] === ZERO) end -= 1;
  const dropped = sink.at - end;
  if (first !== from) sink.bytes.copyWithin(from, first, end);
  sink.at = from + (end - first);
  return dropped;
}

function putAscii(sink: Sink, text: string): void {
  reserve(sink, text.length);
  for (let i = 0; i < text.length; i++) sink.bytes[sink.at + i] = text.charCodeAt(i);
  sink.at += text.length;
}
