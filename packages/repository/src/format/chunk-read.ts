import { columnKindOf, type Column, type RowBatch } from '@milvault/shared';
import { parquetMetadata, type ColumnMetaData, type FileMetaData, type SchemaElement } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import Value from 'typebox/value';
import {
  CHUNK_METADATA_KEY,
  ChunkMetadata,
  columnElement,
  fingerprintElement,
  MAX_CHUNK_BYTES,
  widthOf,
} from './chunk-layout.ts';
import { columnTarget, readPageBody, type PageValues } from './chunk-pages.ts';
import { FINGERPRINT_BYTES } from './fingerprint.ts';
import { decompressed } from './zstd.ts';

/** Keys and fingerprints of a chunk file, without its other columns. */
export interface DecodedKeys {
  readonly rows: number;
  readonly key: Column;
  readonly fingerprints: Uint8Array;
}

/** What one chunk file holds. */
export interface DecodedChunk {
  readonly batch: RowBatch;
  /** 16 bytes a row, as they were stored. */
  readonly fingerprints: Uint8Array;
}

/**
 * Reads a chunk file that {@link import('./chunk-write.ts').encodeChunk} wrote. Throws a plain Error that says what is
 * wrong with the bytes; nothing that they claim is believed beyond their own length and the limits of the format.
 */
export function decodeChunk(bytes: Uint8Array): DecodedChunk {
  const opened = openChunk(bytes);
  const columns = opened.metadata.columns.map((_, place) => readField(opened, place));
  const { rows, metadata } = opened;
  return { batch: { rows, primaryKey: metadata.primaryKey, columns }, fingerprints: readPrints(opened) };
}

/** The same for what tells rows apart: a hundredth of the work where rows are vectors. */
export function decodeKeys(bytes: Uint8Array): DecodedKeys {
  const opened = openChunk(bytes);
  const place = opened.metadata.columns.findIndex((field) => field.name === opened.metadata.primaryKey);
  return { rows: opened.rows, key: readField(opened, place), fingerprints: readPrints(opened) };
}

/** A chunk file whose frame was read and checked, and none of its pages yet. */
export interface OpenedChunk {
  readonly bytes: Uint8Array;
  readonly file: FileMetaData;
  readonly metadata: ChunkMetadata;
  readonly rows: number;
  readonly elements: readonly SchemaElement[];
}

export function openChunk(bytes: Uint8Array): OpenedChunk {
  const file = parquetMetadata(bytes, { geoparquet: false });
  const metadata = chunkMetadata(file);
  const rows = Number(file.num_rows);
  if (!Number.isSafeInteger(rows) || rows < 0 || rows > MAX_CHUNK_BYTES) throw new Error(`a chunk of ${rows} rows`);
  const elements = file.schema.slice(1);
  if (elements.length !== metadata.columns.length + 1) throw new Error('the columns are not those of the metadata');
  return { bytes, file, metadata, rows, elements };
}

/** Takes the pages of a column, one after the other, by rising rows. */
type TakePage = (page: PageValues) => void;

function readField(opened: OpenedChunk, place: number): Column {
  const { metadata, rows, elements } = opened;
  const field = metadata.columns[place];
  if (field === undefined) throw new Error('a column is missing');
  const kind = columnKindOf(field.type);
  const optional = elements[place]?.repetition_type === 'OPTIONAL';
  const target = columnTarget(kind, kind === 'fixed' ? widthOf(field) : 0, rows, optional);
  readColumnOf(opened, place, (page) => readPageBody(target, page));
  return { field, data: target.data, valid: target.valid?.includes(0) === true ? target.valid : null };
}

function readPrints(opened: OpenedChunk): Uint8Array {
  const prints = columnTarget('fixed', FINGERPRINT_BYTES, opened.rows, false);
  readPrintsOf(opened, (page) => readPageBody(prints, page));
  if (prints.data.kind !== 'fixed') throw new Error('the fingerprints are no column of fixed width');
  return prints.data.bytes;
}

/** The pages of the column at that place, without the copy that a batch needs. */
export function readColumnOf({ bytes, file, metadata, elements }: OpenedChunk, place: number, take: TakePage): void {
  const field = metadata.columns[place];
  if (field === undefined) throw new Error('a column is missing');
  const element = elements[place];
  const expected = columnElement(field, element?.repetition_type === 'OPTIONAL');
  requireElement(element, expected);
  readColumn(bytes, file, place, expected, take);
}

/** The pages of the fingerprints. */
export function readPrintsOf({ bytes, file, metadata, elements }: OpenedChunk, take: TakePage): void {
  const expected = fingerprintElement(metadata.fingerprintColumn);
  requireElement(elements.at(-1), expected);
  readColumn(bytes, file, metadata.columns.length, expected, take);
}

function chunkMetadata(file: FileMetaData): ChunkMetadata {
  const text = file.key_value_metadata?.find((entry) => entry.key === CHUNK_METADATA_KEY)?.value;
  const value: unknown = text === undefined ? undefined : JSON.parse(text);
  if (!Value.Check(ChunkMetadata, value)) throw new Error(`the entry ${CHUNK_METADATA_KEY} is missing or malformed`);
  return value;
}

function requireElement(found: SchemaElement | undefined, expected: SchemaElement): void {
  const same =
    found?.name === expected.name &&
    found.type === expected.type &&
    (found.type_length ?? 0) === (expected.type_length ?? 0) &&
    found.repetition_type === expected.repetition_type;
  if (!same) throw new Error(`the column ${JSON.stringify(expected.name)} is not laid out as its field asks for`);
}

function readColumn(
  bytes: Uint8Array,
  file: FileMetaData,
  column: number,
  element: SchemaElement,
  take: TakePage,
): void {
  let row = 0;
  for (const group of file.row_groups) {
    const chunk = group.columns[column]?.meta_data;
    if (chunk === undefined || chunk.path_in_schema[0] !== element.name) throw new Error('a row group lacks a column');
    const count = Number(group.num_rows);
    take(readPage(bytes, chunk, element, row, count));
    row += count;
  }
  if (row !== Number(file.num_rows)) throw new Error('the row groups do not hold the rows of the file');
}

function readPage(
  bytes: Uint8Array,
  chunk: ColumnMetaData,
  element: SchemaElement,
  from: number,
  count: number,
): PageValues {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = { view, offset: Number(chunk.data_page_offset) };
  const header = parquetHeader(reader);
  const page = header.data_page_header_v2;
  if (
    page === undefined ||
    page.encoding !== 'PLAIN' ||
    page.num_rows !== count ||
    page.repetition_levels_byte_length !== 0
  ) {
    throw new Error(`a page of ${JSON.stringify(element.name)} is not of the kind that this format has`);
  }
  const levelBytes = page.definition_levels_byte_length;
  const size = header.uncompressed_page_size - levelBytes;
  const end = reader.offset + header.compressed_page_size;
  if (!(size >= 0 && size <= MAX_CHUNK_BYTES && levelBytes >= 0 && end <= bytes.length)) {
    throw new Error(`a page of ${JSON.stringify(element.name)} has an impossible size`);
  }
  let levels: Uint8Array | null = null;
  if (element.repetition_type === 'OPTIONAL' && page.num_nulls > 0) {
    levels = new Uint8Array(count);
    readRleBitPackedHybrid({ view, offset: reader.offset }, 1, levels, levelBytes);
  }
  const stored = bytes.subarray(reader.offset + levelBytes, end);
  const body = chunk.codec === 'UNCOMPRESSED' ? stored : decompressed(stored, size);
  if (body.length !== size) throw new Error(`a page of ${JSON.stringify(element.name)} has another size than it says`);
  return { type: element.type ?? 'BYTE_ARRAY', body, from, count, levels };
}
