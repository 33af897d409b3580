import { fail, type Column, type FieldShape, type RowBatch } from '@milvault/shared';
import type { ColumnChunk, FileMetaData, RowGroup, SchemaElement, Statistics } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import {
  CHUNK_METADATA_KEY,
  CHUNK_VERSION,
  columnElement,
  fingerprintColumn,
  fingerprintElement,
  MAX_CHUNK_BYTES,
  ROW_GROUP_BYTES,
  type ChunkMetadata,
} from './chunk-layout.ts';
import { pageBody } from './chunk-pages.ts';
import { CANONICAL_VERSION, FINGERPRINT_BYTES } from './fingerprint.ts';
import { compressed } from './zstd.ts';

const MAGIC = Buffer.from('PAR1', 'latin1');

/**
 * A batch with its fingerprints as one Parquet file. The values go from memory into the pages as they are; of
 * hyparquet-writer only the Thrift parts are used, since its own value writers pass floats through JavaScript numbers,
 * which changes the bits of some NaNs, and allocate for every row.
 */
export function encodeChunk(batch: RowBatch, fingerprints: Uint8Array): Uint8Array {
  const columns = [...batch.columns.map((column) => fileColumn(column)), printColumn(batch, fingerprints)];
  const file: Growing = { parts: [MAGIC], size: MAGIC.length };
  const groups: RowGroup[] = [];
  const step = rowsPerGroup(batch);
  for (let from = 0; from < batch.rows; from += step) {
    groups.push(writeGroup(file, columns, from, Math.min(from + step, batch.rows), batch.primaryKey));
  }
  append(file, footer(batch, columns, groups));
  return Buffer.concat(file.parts, file.size);
}

interface Growing {
  readonly parts: Uint8Array[];
  size: number;
}

function append(file: Growing, bytes: Uint8Array): void {
  file.parts.push(bytes);
  file.size += bytes.length;
}

interface FileColumn {
  readonly column: Column;
  readonly element: SchemaElement;
}

const hasNull = (column: Column): boolean => column.valid?.includes(0) ?? false;

function fileColumn(column: Column): FileColumn {
  const nulls = hasNull(column);
  return {
    column: nulls ? column : { ...column, valid: null },
    element: columnElement(column.field, nulls || column.field.nullable),
  };
}

/** The fingerprints as one more column; the shape of its field is not written to the metadata. */
function printColumn(batch: RowBatch, bytes: Uint8Array): FileColumn {
  const element = fingerprintElement(fingerprintColumn(batch.columns.map((column) => column.field)));
  const field: FieldShape = { name: element.name, type: 'BinaryVector', dim: FINGERPRINT_BYTES * 8, nullable: false };
  return { element, column: { field, valid: null, data: { kind: 'fixed', width: FINGERPRINT_BYTES, bytes } } };
}

function rowsPerGroup(batch: RowBatch): number {
  const bytes = batchBytes(batch);
  if (bytes > MAX_CHUNK_BYTES) {
    throw fail('INTERNAL', {
      what: 'A chunk is too large',
      expected: `at most ${MAX_CHUNK_BYTES} bytes`,
      got: `${bytes}`,
    });
  }
  return Math.max(1, Math.floor((batch.rows * ROW_GROUP_BYTES) / Math.max(bytes, 1)));
}

/** Bytes of a batch's values as they are in memory. */
export function batchBytes(batch: RowBatch): number {
  let bytes = batch.rows * FINGERPRINT_BYTES;
  for (const { data } of batch.columns) {
    if (data.kind === 'fixed') bytes += data.bytes.length;
    else if (data.kind === 'bytes') for (const value of data.values) bytes += value.length + 4;
    else bytes += data.values.byteLength;
  }
  return bytes;
}

function writeGroup(file: Growing, columns: readonly FileColumn[], from: number, to: number, key: string): RowGroup {
  const start = file.size;
  const chunks = columns.map((one) => {
    const statistics = one.column.field.name === key ? keyStatistics(one.column, from, to) : undefined;
    return writeColumnChunk(file, one, from, to, statistics);
  });
  return {
    columns: chunks,
    total_byte_size: chunks.reduce((sum, chunk) => sum + (chunk.meta_data?.total_uncompressed_size ?? 0n), 0n),
    num_rows: BigInt(to - from),
    total_compressed_size: BigInt(file.size - start),
  };
}

/** Keys rise, so that the first and the last are the least and the greatest. */
function keyStatistics({ data }: Column, from: number, to: number): Statistics | undefined {
  if (data.kind !== 'int64' && data.kind !== 'bytes') return undefined;
  const [min, max] = [data.values[from], data.values[to - 1]];
  return min === undefined || max === undefined ? undefined : { min_value: min, max_value: max, null_count: 0n };
}

/** One column of one row group: a single data page of version 2. */
function writeColumnChunk(
  file: Growing,
  { column, element }: FileColumn,
  from: number,
  to: number,
  statistics: Statistics | undefined,
): ColumnChunk {
  const type = element.type ?? 'BYTE_ARRAY';
  const levels = new ByteWriter(64);
  const present = column.valid?.subarray(from, to) ?? new Uint8Array(to - from).fill(1);
  if (element.repetition_type === 'OPTIONAL') writeRleBitPackedHybrid(levels, present, 1);
  const body = pageBody(column, type, from, to);
  const small = compressed(body);
  const stored = small ?? body;
  const head = new ByteWriter(64);
  writePageHeader(head, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: levels.offset + body.length,
    compressed_page_size: levels.offset + stored.length,
    data_page_header_v2: {
      num_values: to - from,
      num_nulls: present.length - present.reduce((sum, one) => sum + one, 0),
      num_rows: to - from,
      encoding: 'PLAIN',
      definition_levels_byte_length: levels.offset,
      repetition_levels_byte_length: 0,
      is_compressed: true,
    },
  });
  const at = file.size;
  append(file, head.getBytes());
  append(file, levels.getBytes());
  append(file, stored);
  return {
    file_offset: 0n,
    meta_data: {
      type,
      encodings: element.repetition_type === 'OPTIONAL' ? ['PLAIN', 'RLE'] : ['PLAIN'],
      path_in_schema: [element.name],
      codec: small === null ? 'UNCOMPRESSED' : 'ZSTD',
      num_values: BigInt(to - from),
      total_uncompressed_size: BigInt(head.offset + levels.offset + body.length),
      total_compressed_size: BigInt(file.size - at),
      data_page_offset: BigInt(at),
      ...(statistics === undefined ? {} : { statistics }),
    },
  };
}

function footer(batch: RowBatch, columns: readonly FileColumn[], groups: RowGroup[]): Uint8Array {
  const fields = batch.columns.map((column) => column.field);
  const metadata: ChunkMetadata = {
    version: CHUNK_VERSION,
    canonical: CANONICAL_VERSION,
    primaryKey: batch.primaryKey,
    fingerprintColumn: fingerprintColumn(fields),
    columns: fields.map(plainShape),
  };
  const file: Omit<FileMetaData, 'metadata_length'> = {
    version: 2,
    created_by: 'milvault',
    schema: [{ name: 'rows', num_children: columns.length }, ...columns.map((one) => one.element)],
    num_rows: BigInt(batch.rows),
    row_groups: groups,
    key_value_metadata: [{ key: CHUNK_METADATA_KEY, value: JSON.stringify(metadata) }],
  };
  const writer = new ByteWriter();
  // `metadata_length` is what a reader learns; the writer does not look at it.
  writeMetadata(writer, { ...file, metadata_length: 0 });
  writer.appendBytes(MAGIC);
  return writer.getBytes();
}

/** A field without whatever else its object may carry. */
function plainShape(field: FieldShape): ChunkMetadata['columns'][number] {
  return {
    name: field.name,
    type: field.type,
    ...(field.elementType === undefined ? {} : { elementType: field.elementType }),
    ...(field.dim === undefined || field.dim < 1 ? {} : { dim: field.dim }),
    nullable: field.nullable,
  };
}
