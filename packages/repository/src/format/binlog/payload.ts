import { columnKindOf, vectorWidth, type ColumnData, type DataTypeName, type FieldShape } from '@milvault/shared';
import { parquetMetadata, type ColumnMetaData, type FileMetaData, type ParquetType } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { columnTarget, fixedMemory, readPageBody, type ColumnTarget } from '../chunk-pages.ts';
import { decompressed } from '../zstd.ts';

/** No column of a log file is larger: Milvus writes some 16 to 64 MiB. */
const MAX_PAYLOAD_BYTES = 512 * 1024 * 1024;

/** Which Parquet type a type's values have. */
const PARQUET_TYPES: Readonly<Record<DataTypeName, ParquetType>> = {
  Bool: 'BOOLEAN',
  Int8: 'INT32',
  Int16: 'INT32',
  Int32: 'INT32',
  Int64: 'INT64',
  Float: 'FLOAT',
  Double: 'DOUBLE',
  VarChar: 'BYTE_ARRAY',
  Array: 'BYTE_ARRAY',
  JSON: 'BYTE_ARRAY',
  Geometry: 'BYTE_ARRAY',
  Timestamptz: 'BYTE_ARRAY',
  BinaryVector: 'FIXED_LEN_BYTE_ARRAY',
  FloatVector: 'FIXED_LEN_BYTE_ARRAY',
  Float16Vector: 'FIXED_LEN_BYTE_ARRAY',
  BFloat16Vector: 'FIXED_LEN_BYTE_ARRAY',
  SparseFloatVector: 'BYTE_ARRAY',
  Int8Vector: 'FIXED_LEN_BYTE_ARRAY',
};

/** What is asked of a payload: the shape of its one column. */
export type PayloadShape = Pick<FieldShape, 'type' | 'dim'>;

/** Rows of some payloads, by their Parquet footers: nothing is decoded. Throws a plain Error. */
export const rowsOfPayloads = (payloads: readonly Uint8Array[]): number =>
  payloads.reduce((sum, payload) => sum + rowsOf(parquetMetadata(payload, { geoparquet: false })), 0);

function rowsOf({ num_rows }: FileMetaData): number {
  const rows = Number(num_rows);
  if (Number.isSafeInteger(rows) && rows >= 0 && rows <= MAX_PAYLOAD_BYTES) return rows;
  throw new Error(`a payload of ${num_rows} rows`);
}

/** Values of all payloads, one after the other. Throws a plain Error that says what is wrong with the bytes. */
export function readPayloads(payloads: readonly Uint8Array[], shape: PayloadShape): ColumnData {
  const files = payloads.map((bytes) => ({ bytes, file: parquetMetadata(bytes, { geoparquet: false }) }));
  const rows = files.reduce((sum, { file }) => sum + rowsOf(file), 0);
  const kind = columnKindOf(shape.type);
  const width = kind === 'fixed' ? vectorWidth(shape.type, shape.dim ?? 0) : 0;
  if (rows * width > MAX_PAYLOAD_BYTES) throw new Error(`${rows} rows of ${width} bytes`);
  const target = columnTarget(kind, width, rows, false);
  let row = 0;
  for (const { bytes, file } of files) row = readFile(bytes, file, shape, width, target, row);
  return target.data;
}

function readFile(
  bytes: Uint8Array,
  file: FileMetaData,
  shape: PayloadShape,
  width: number,
  target: ColumnTarget,
  from: number,
): number {
  const [element, ...others] = file.schema.slice(1);
  const type = PARQUET_TYPES[shape.type];
  const fits = element?.type === type && element.repetition_type === 'REQUIRED' && others.length === 0;
  if (!fits) throw new Error(`a payload is not one column of ${shape.type}`);
  if (width > 0 && element.type_length !== width) {
    throw new Error(`its values have ${element.type_length ?? 0} bytes instead of ${width}`);
  }
  let row = from;
  for (const group of file.row_groups) {
    const chunk = group.columns[0]?.meta_data;
    if (chunk === undefined) throw new Error('a row group has no column');
    const end = row + Number(group.num_rows);
    readGroup({ bytes, chunk, type, shape, width, target }, row, end);
    row = end;
  }
  if (row - from !== rowsOf(file)) throw new Error('its row groups do not hold its rows');
  return row;
}

interface Group {
  readonly bytes: Uint8Array;
  readonly chunk: ColumnMetaData;
  readonly type: ParquetType;
  readonly shape: PayloadShape;
  readonly width: number;
  readonly target: ColumnTarget;
}

function readGroup(group: Group, from: number, to: number): void {
  const { bytes, chunk, type, shape, width, target } = group;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = { view, offset: Number(chunk.dictionary_page_offset ?? chunk.data_page_offset) };
  let dictionary: ColumnData | null = null;
  for (let row = from; row < to;) {
    const header = parquetHeader(reader);
    const end = reader.offset + header.compressed_page_size;
    const size = header.uncompressed_page_size;
    if (!(size >= 0 && size <= MAX_PAYLOAD_BYTES && end >= reader.offset && end <= bytes.length)) {
      throw new Error('a page has an impossible size');
    }
    const body = uncompressed(bytes.subarray(reader.offset, end), chunk, size);
    reader.offset = end;
    const words = header.dictionary_page_header;
    const page = header.data_page_header;
    if (words !== undefined) {
      if (words.num_values > size + 1) throw new Error('a dictionary says that it has more values than bytes');
      const into = columnTarget(columnKindOf(shape.type), width, words.num_values, false);
      readPageBody(into, { type, body, from: 0, count: words.num_values, levels: null });
      dictionary = into.data;
    } else if (page !== undefined && page.num_values <= to - row) {
      const count = page.num_values;
      if (page.encoding === 'PLAIN') readPageBody(target, { type, body, from: row, count, levels: null });
      else if (dictionary !== null && (page.encoding === 'RLE_DICTIONARY' || page.encoding === 'PLAIN_DICTIONARY')) {
        readWords(dictionary, body, target, row, page.num_values);
      } else throw new Error(`a page in the encoding ${page.encoding}`);
      row += page.num_values;
    } else throw new Error('a page that is neither a dictionary nor values of this row group');
  }
}

function uncompressed(stored: Uint8Array, { codec }: ColumnMetaData, size: number): Uint8Array {
  if (codec === 'ZSTD') return decompressed(stored, size);
  if (codec === 'UNCOMPRESSED' && stored.length === size) return stored;
  throw new Error(`a page compressed by ${codec}`);
}

/** A page of numbers that name values of the dictionary. */
function readWords(dictionary: ColumnData, body: Uint8Array, target: ColumnTarget, from: number, count: number): void {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const bits = body.length === 0 ? 0 : view.getUint8(0);
  if (bits > 32) throw new Error(`a dictionary with numbers of ${bits} bits`);
  const places = new Uint32Array(count);
  if (bits > 0) readRleBitPackedHybrid({ view, offset: 1 }, bits, places, body.length - 1);
  const { data } = target;
  if (data.kind === 'bytes' && dictionary.kind === 'bytes') {
    const into = data.values as Uint8Array[]; // made by `columnTarget` for us alone
    for (let i = 0; i < count; i++) into[from + i] = wordAt(dictionary.values, places[i] ?? 0);
    return;
  }
  if (data.kind === 'bytes' || dictionary.kind === 'bytes') throw new Error('a dictionary of another kind');
  const [words, into] = [fixedMemory(dictionary), fixedMemory(data)];
  const { width } = into;
  for (let i = 0; i < count; i++) {
    const at = (places[i] ?? 0) * width;
    if (at + width > words.memory.length) throw new Error('a page names a value that its dictionary does not have');
    into.memory.set(words.memory.subarray(at, at + width), (from + i) * width);
  }
}

function wordAt(values: readonly Uint8Array[], place: number): Uint8Array {
  const value = values[place];
  if (value === undefined) throw new Error('a page names a value that its dictionary does not have');
  return value;
}
