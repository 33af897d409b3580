import { hash } from 'node:crypto';
import { DATA_TYPES, fail, type Column, type RowBatch } from '@milvault/shared';
import { putCanonicalArray } from './canonical-array.ts';
import { putCanonicalJson } from './canonical-json.ts';
import { createSink, putBytes, putInt, putU32, putU8, type Sink } from './sink.ts';

/**
 * The content of a row as 16 bytes: the first half of the SHA-256 of its canonical encoding, which
 * `docs/backup-format.md` ("Fingerprints") gives bit by bit. Equal rows have equal fingerprints whatever the order of
 * their columns, the spelling of their JSON or the packing of their arrays.
 */
export const CANONICAL_VERSION = 1;
export const FINGERPRINT_BYTES = 16;
export const EMPTY_SUM = '0'.repeat(32);

/** Marks the two ways to write a JSON, Array or sparse value. */
const AS_SPELT = 0;
const CANONICAL = 1;

/** Fingerprints of all rows of a batch, 16 bytes each, in the order of the rows. */
export function fingerprints(batch: RowBatch): Uint8Array {
  const writers = batch.columns
    .map((column) => ({ column, name: Buffer.from(column.field.name, 'utf8') }))
    .sort((a, b) => Buffer.compare(a.name, b.name))
    .map(({ column, name }) => columnWriter(column, name));
  const result = new Uint8Array(batch.rows * FINGERPRINT_BYTES);
  const sink = createSink();
  for (let row = 0; row < batch.rows; row++) {
    sink.at = 0;
    putU8(sink, CANONICAL_VERSION);
    for (const write of writers) write(sink, row);
    // A digest as a string of bytes is twice as fast as one in a Buffer, which must be allocated.
    const digest = hash('sha256', sink.bytes.subarray(0, sink.at), 'binary');
    const at = row * FINGERPRINT_BYTES;
    for (let i = 0; i < FINGERPRINT_BYTES; i++) result[at + i] = digest.charCodeAt(i);
  }
  return result;
}

/** Sum of fingerprints as unsigned big-endian numbers modulo 2^128, 32 hex digits. Independent of their order. */
export function contentSum(prints: Uint8Array): string {
  if (prints.length % FINGERPRINT_BYTES !== 0) {
    throw fail('INTERNAL', { what: 'A list of fingerprints has a broken length', got: String(prints.length) });
  }
  const view = new DataView(prints.buffer, prints.byteOffset, prints.byteLength);
  let sum = 0n;
  // Four lanes of 32 bits stay exact in doubles for 2^21 summands.
  for (let from = 0; from < prints.length; from += FINGERPRINT_BYTES << 20) {
    const to = Math.min(prints.length, from + (FINGERPRINT_BYTES << 20));
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let at = from; at < to; at += FINGERPRINT_BYTES) {
      a += view.getUint32(at);
      b += view.getUint32(at + 4);
      c += view.getUint32(at + 8);
      d += view.getUint32(at + 12);
    }
    sum += (BigInt(a) << 96n) + (BigInt(b) << 64n) + (BigInt(c) << 32n) + BigInt(d);
  }
  return toHex(sum);
}

/** The content sum of the union of what each sum stands for. */
export const addContentSums = (...sums: readonly string[]): string =>
  toHex(sums.reduce((total, sum) => total + BigInt(`0x${sum}`), 0n));

const toHex = (sum: bigint): string => BigInt.asUintN(128, sum).toString(16).padStart(32, '0');

type ColumnWriter = (sink: Sink, row: number) => void;

function columnWriter(column: Column, name: Uint8Array): ColumnWriter {
  const head = fieldHead(name, DATA_TYPES[column.field.type], 1);
  const nullHead = fieldHead(name, DATA_TYPES[column.field.type], 0);
  const value = valueWriter(column);
  const { valid } = column;
  return (sink, row) => {
    if (valid !== null && valid[row] === 0) {
      putBytes(sink, nullHead);
      return;
    }
    putBytes(sink, head);
    value(sink, row);
  };
}

function fieldHead(name: Uint8Array, type: number, present: 0 | 1): Uint8Array {
  const sink = createSink(name.length + 6);
  putU32(sink, name.length);
  putBytes(sink, name);
  putU8(sink, type);
  putU8(sink, present);
  return sink.bytes.slice(0, sink.at);
}

function valueWriter(column: Column): ColumnWriter {
  const { data, field } = column;
  switch (data.kind) {
    case 'int32':
      return (sink, row) => putInt(sink, data.values[row] ?? 0);
    case 'int64':
      return memoryWriter(data.values, 8);
    case 'float32':
      return memoryWriter(data.values, 4);
    case 'float64':
      return memoryWriter(data.values, 8);
    case 'fixed': {
      const { width } = data;
      const copy = memoryWriter(data.bytes, width);
      return (sink, row) => {
        putU32(sink, width);
        copy(sink, row);
      };
    }
    case 'bytes': {
      const put = bytesWriter(field.type);
      return (sink, row) => put(sink, data.values[row] ?? NOTHING);
    }
  }
}

const NOTHING = new Uint8Array();

/** Values of a fixed width straight from memory: floats keep every bit, NaN payloads and -0 included. */
function memoryWriter(values: ArrayBufferView, width: number): ColumnWriter {
  const memory = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return (sink, row) => putBytes(sink, memory, row * width, row * width + width);
}

function bytesWriter(type: Column['field']['type']): (sink: Sink, value: Uint8Array) => void {
  if (type === 'JSON') return formed(putSizedJson);
  if (type === 'Array') return formed(putCanonicalArray);
  if (type === 'SparseFloatVector') return formed(putSortedSparse);
  return putSized;
}

function putSized(sink: Sink, value: Uint8Array): void {
  putU32(sink, value.length);
  putBytes(sink, value);
}

/** The canonical form where the value has one, else the bytes as they are. */
function formed(canonical: (sink: Sink, value: Uint8Array) => boolean): (sink: Sink, value: Uint8Array) => void {
  return (sink, value) => {
    putU8(sink, CANONICAL);
    if (canonical(sink, value)) return;
    sink.bytes[sink.at - 1] = AS_SPELT;
    putSized(sink, value);
  };
}

function putSizedJson(sink: Sink, text: Uint8Array): boolean {
  const lengthAt = sink.at;
  putU32(sink, 0);
  if (!putCanonicalJson(sink, text)) {
    sink.at = lengthAt;
    return false;
  }
  sink.view.setUint32(lengthAt, sink.at - lengthAt - 4, true);
  return true;
}

const PAIR = 8;

/** Pairs of index and value by rising index; pairs with one index keep their order. */
function putSortedSparse(sink: Sink, value: Uint8Array): boolean {
  if (value.length % PAIR !== 0) return false;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const order: number[] = [];
  let sorted = true;
  for (let at = 0; at < value.length; at += PAIR) {
    sorted &&= at === 0 || view.getUint32(at - PAIR, true) <= view.getUint32(at, true);
    order.push(at);
  }
  putU32(sink, value.length);
  if (sorted) {
    putBytes(sink, value);
    return true;
  }
  order.sort((a, b) => view.getUint32(a, true) - view.getUint32(b, true));
  for (const at of order) putBytes(sink, value, at, at + PAIR);
  return true;
}
