/**
 * Milvus's own log files, as Milvus 2.2 to 2.5 write them (internal/storage of its source): a magic number, a
 * descriptor, and events whose payload is a Parquet file of one column. All numbers are little endian.
 */
export interface Binlog {
  readonly collectionId: string;
  readonly partitionId: string;
  readonly segmentId: string;
  /** 0 row ids, 1 timestamps, 100 and up the fields of the schema; -1 deletions. */
  readonly fieldId: number;
  /** Milvus's number of the type of the values. */
  readonly dataType: number;
  readonly payloads: readonly Uint8Array[];
  /** First and last timestamp of what is in it. */
  readonly from: bigint;
  readonly to: bigint;
}

const MAGIC = 0xfffabc;
const MAGIC_BYTES = 4;
/** Timestamp u64, type u8, length i32 (with this header), next position i32. */
const HEADER_BYTES = 17;
const LENGTH_AT = 9;
const NEXT_AT = 13;
const TYPE_AT = 8;
/** Ids of collection, partition, segment, field; first and last timestamp; type of the values. */
const DESCRIPTOR_BYTES = 52;
/** First and last timestamp, before the payload. */
const EVENT_TIMES_BYTES = 16;
const DESCRIPTOR_EVENT = 0;
const INSERT_EVENT = 1;
const DELETE_EVENT = 2;

/** Takes a log file apart. Throws a plain Error that says what is wrong with the bytes; decodes no value. */
export function readBinlog(bytes: Uint8Array): Binlog {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < MAGIC_BYTES + HEADER_BYTES + DESCRIPTOR_BYTES || view.getInt32(0, true) !== MAGIC) {
    throw new Error('it does not begin as a log file of Milvus does');
  }
  const first = readHeader(view, MAGIC_BYTES);
  if (first.type !== DESCRIPTOR_EVENT || first.end - first.body < DESCRIPTOR_BYTES) {
    throw new Error('it has no descriptor');
  }
  const at = first.body;
  const events = readEvents(bytes, view, first.end);
  const times = events.map(({ from, to }) => [from, to] as const);
  return {
    collectionId: view.getBigInt64(at, true).toString(),
    partitionId: view.getBigInt64(at + 8, true).toString(),
    segmentId: view.getBigInt64(at + 16, true).toString(),
    fieldId: Number(view.getBigInt64(at + 24, true)),
    dataType: view.getInt32(at + 48, true),
    payloads: events.map(({ payload }) => payload),
    from: times.reduce((least, [from]) => (from < least ? from : least), view.getBigUint64(at + 32, true)),
    to: times.reduce((most, [, to]) => (to > most ? to : most), view.getBigUint64(at + 40, true)),
  };
}

interface Header {
  readonly type: number;
  readonly body: number;
  readonly end: number;
}

function readHeader(view: DataView, at: number): Header {
  if (at + HEADER_BYTES > view.byteLength) throw new Error('it ends within the head of an event');
  const length = view.getInt32(at + LENGTH_AT, true);
  const end = at + length;
  if (length < HEADER_BYTES || end > view.byteLength) throw new Error('an event reaches beyond its end');
  if (view.getInt32(at + NEXT_AT, true) !== end) throw new Error('its events do not follow each other');
  return { type: view.getUint8(at + TYPE_AT), body: at + HEADER_BYTES, end };
}

interface Event {
  readonly payload: Uint8Array;
  readonly from: bigint;
  readonly to: bigint;
}

function readEvents(bytes: Uint8Array, view: DataView, from: number): Event[] {
  const events: Event[] = [];
  for (let at = from; at < bytes.length;) {
    const { type, body, end } = readHeader(view, at);
    if (type !== INSERT_EVENT && type !== DELETE_EVENT) throw new Error(`it has an event of the unknown type ${type}`);
    if (end - body < EVENT_TIMES_BYTES) throw new Error('an event is too short');
    events.push({
      payload: bytes.subarray(body + EVENT_TIMES_BYTES, end),
      from: view.getBigUint64(body, true),
      to: view.getBigUint64(body + 8, true),
    });
    at = end;
  }
  if (events.length === 0) throw new Error('it holds no event');
  return events;
}
