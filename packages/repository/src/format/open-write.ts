import type { Column, FieldShape, RowBatch } from '@milvault/shared';
import { columnKindOf, fail } from '@milvault/shared';
import type { ColumnChunk, RowGroup, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { widthOf } from './chunk-layout.ts';
import { columnTarget, pageBody } from './chunk-pages.ts';
import { openColumn, type OpenColumn, type OpenLeaf } from './open-layout.ts';
import { levelCount, listDefinitionLevels, repetitionLevels } from './open-levels.ts';
import { listsOf } from './open-lists.ts';
import { compressed } from './zstd.ts';

/** What an open Parquet file begins and ends with. */
export const OPEN_MAGIC: Uint8Array = Buffer.from('PAR1', 'latin1');

/** Rows as one row group, in the manner of `chunk-write.ts`; where in a file it will lie is not known yet. */
export interface OpenGroup {
  readonly parts: readonly Uint8Array[];
  readonly size: number;
  readonly rows: number;
  readonly columns: readonly EncodedLeaf[];
}

interface EncodedLeaf {
  readonly leaf: OpenLeaf;
  readonly parts: readonly Uint8Array[];
  readonly size: number;
  /** Size as it would be without compression. */
  readonly plainSize: number;
  readonly values: number;
  readonly small: boolean;
}

export const openColumns = (fields: readonly FieldShape[], primaryKey: string): OpenColumn[] =>
  fields.map((field) => openColumn(field, field.name === primaryKey));

/** Rows [from, to) of a batch. A column that the batch lacks is null in every row. */
export function encodeOpenGroup(columns: readonly OpenColumn[], batch: RowBatch, from: number, to: number): OpenGroup {
  const encoded = columns.flatMap((column) => encodeColumn(column, columnOf(batch, column), from, to));
  return {
    parts: encoded.flatMap((one) => one.parts),
    size: encoded.reduce((sum, one) => sum + one.size, 0),
    rows: to - from,
    columns: encoded,
  };
}

function columnOf(batch: RowBatch, { field, depth }: OpenColumn): Column {
  const column = batch.columns.find((one) => one.field.name === field.name);
  if (column === undefined && depth > 0) return nullColumn(field, batch.rows);
  const dense = column?.data.kind === 'fixed';
  const same = column?.field.type === field.type && (!dense || column.field.dim === field.dim);
  if (column !== undefined && same) return column;
  throw fail('OBJECT_DAMAGED', {
    what: `Stored rows do not have the column ${JSON.stringify(field.name)} as the collection describes it`,
    expected: `${field.type}${field.dim === undefined ? '' : ` of ${field.dim}`}`,
    got: column === undefined ? 'no such column' : `${column.field.type} of ${column.field.dim ?? 0}`,
  });
}

function nullColumn(field: FieldShape, rows: number): Column {
  const kind = columnKindOf(field.type);
  const { data } = columnTarget(kind, kind === 'fixed' ? widthOf(field) : 0, rows, false);
  return { field, data, valid: new Uint8Array(rows) };
}

interface Levels {
  readonly repetition: Uint8Array;
  readonly definition: Uint8Array;
  readonly count: number;
  readonly nulls: number;
}

function encodeColumn(open: OpenColumn, column: Column, from: number, to: number): EncodedLeaf[] {
  if (!open.list) {
    const [leaf] = open.leaves;
    if (leaf === undefined) return [];
    return [encodeLeaf(leaf, flatLevels(open, column, from, to), pageBody(column, leaf.type, from, to), to - from)];
  }
  const { lengths, bodies } = listsOf(column, open.field, from, to);
  const count = levelCount(lengths);
  const levels: Levels = {
    repetition: repetitionLevels(lengths, count),
    definition: listDefinitionLevels(lengths),
    count,
    nulls: lengths.reduce((sum, length) => sum + (length > 0 ? 0 : 1), 0),
  };
  return open.leaves.map((leaf, i) => encodeLeaf(leaf, levels, bodies[i] ?? new Uint8Array(), to - from));
}

const NONE = new Uint8Array();

function flatLevels({ depth }: OpenColumn, column: Column, from: number, to: number): Levels {
  const present = column.valid?.subarray(from, to) ?? null;
  const nulls = present === null ? 0 : present.length - present.reduce((sum, one) => sum + one, 0);
  if (depth === 0) return { repetition: NONE, definition: NONE, count: to - from, nulls: 0 };
  const writer = new ByteWriter(64);
  writeRleBitPackedHybrid(writer, present ?? new Uint8Array(to - from).fill(1), 1);
  return { repetition: NONE, definition: writer.getBytes(), count: to - from, nulls };
}

/** One column of one row group: a single data page of version 2. */
function encodeLeaf(leaf: OpenLeaf, levels: Levels, body: Uint8Array, rows: number): EncodedLeaf {
  const small = compressed(body);
  const stored = small ?? body;
  const levelBytes = levels.repetition.length + levels.definition.length;
  const head = new ByteWriter(64);
  writePageHeader(head, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: levelBytes + body.length,
    compressed_page_size: levelBytes + stored.length,
    data_page_header_v2: {
      num_values: levels.count,
      num_nulls: levels.nulls,
      num_rows: rows,
      encoding: 'PLAIN',
      definition_levels_byte_length: levels.definition.length,
      repetition_levels_byte_length: levels.repetition.length,
      is_compressed: small !== null,
    },
  });
  const headBytes = head.getBytes();
  return {
    leaf,
    parts: [headBytes, levels.repetition, levels.definition, stored],
    size: headBytes.length + levelBytes + stored.length,
    plainSize: headBytes.length + levelBytes + body.length,
    values: levels.count,
    small: small !== null,
  };
}

/** The group as a file's footer lists it, once it lies at an offset. Its bytes may be let go then. */
export function placedGroup(group: OpenGroup, offset: number): RowGroup {
  let at = offset;
  const columns = group.columns.map((one): ColumnChunk => {
    const start = at;
    at += one.size;
    return {
      file_offset: 0n,
      meta_data: {
        type: one.leaf.type,
        encodings: ['PLAIN', 'RLE'],
        path_in_schema: [...one.leaf.path],
        codec: one.small ? 'ZSTD' : 'UNCOMPRESSED',
        num_values: BigInt(one.values),
        total_uncompressed_size: BigInt(one.plainSize),
        total_compressed_size: BigInt(one.size),
        data_page_offset: BigInt(start),
      },
    };
  });
  return {
    columns,
    total_byte_size: BigInt(group.columns.reduce((sum, one) => sum + one.plainSize, 0)),
    num_rows: BigInt(group.rows),
    total_compressed_size: BigInt(group.size),
  };
}

/** All that follows the last row group. */
export function openFooter(columns: readonly OpenColumn[], groups: readonly RowGroup[], rows: number): Uint8Array {
  const root: SchemaElement = { name: 'rows', num_children: columns.length };
  const writer = new ByteWriter();
  writeMetadata(writer, {
    version: 2,
    created_by: 'milvault',
    schema: [root, ...columns.flatMap((column) => column.elements)],
    num_rows: BigInt(rows),
    row_groups: [...groups],
    // What a reader learns; the writer does not look at it.
    metadata_length: 0,
  });
  writer.appendBytes(OPEN_MAGIC);
  return writer.getBytes();
}
