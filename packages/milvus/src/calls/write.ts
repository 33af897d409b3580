import { fail, type Column, type RowBatch } from '@milvault/shared';
import { encodeColumn } from '../columns/encode.ts';
import { SLOTS } from '../columns/slots.ts';
import { decodeMessage, type MessageOf } from '../protocol/message.ts';
import { MutationResult } from '../protocol/messages.ts';
import { delimited, joined, joinRopes, textField, varintField, type Rope } from '../protocol/wire.ts';
import type { WriteRequest } from '../port.ts';
import { faultOfStatus, isPageTooLarge } from '../transport/errors.ts';
import type { Transport } from '../transport/transport.ts';
import { primaryKeyOf, storedFields, type FieldDefinition } from './fields.ts';

/** Numbers of the fields that InsertRequest and UpsertRequest have in common. */
export const WRITE_FIELDS = { dbName: 2, collectionName: 3, partitionName: 4, fieldsData: 5, numRows: 7 } as const;

/** Servers take 64 MiB; smaller requests keep their memory, and ours, low at no loss of speed. */
const REQUEST_BYTES = 16 * 1024 * 1024;
const WRITE_TIMEOUT_MS = 5 * 60_000;

const METHOD = { insert: 'Insert', upsert: 'Upsert' } as const;

/** See MilvusClient.write. */
export async function write(
  transport: Transport,
  lite: boolean,
  request: WriteRequest,
): Promise<{ rows: number; wireBytes: number }> {
  const columns = columnsOf(request);
  if (lite) refuseNullVectors(columns.map(({ column }) => column));
  let wireBytes = 0;
  for (const [from, to] of slicesOf(request.batch, REQUEST_BYTES)) {
    wireBytes += await writeSlice(transport, request, columns, from, to);
  }
  return { rows: request.batch.rows, wireBytes };
}

interface StoredColumn {
  readonly field: FieldDefinition;
  readonly column: Column;
}

/** The batch's columns by the target's fields: each must be there, and nothing else. */
function columnsOf({ definition, batch }: WriteRequest): StoredColumn[] {
  const fields = storedFields(definition);
  const extra = batch.columns.filter(({ field }) => !fields.some((one) => one.name === field.name));
  if (extra.length > 0) {
    throw fail('TARGET_UNSUPPORTED', {
      what: `Collection ${definition.collection} has no field ${extra.map(({ field }) => field.name).join(', ')}`,
    });
  }
  return fields.map((field) => {
    const column = batch.columns.find((one) => one.field.name === field.name);
    if (column === undefined) {
      throw fail('TARGET_UNSUPPORTED', {
        what: `The rows have no values for the field ${field.name} of ${definition.collection}`,
      });
    }
    return { field, column };
  });
}

/** Lite keeps no null vector: it would store zeros, or an empty sparse vector, and answer success. */
function refuseNullVectors(columns: readonly Column[]): void {
  const lost = columns.find(({ field, valid }) => SLOTS[field.type].family === 'vectors' && valid !== null);
  if (lost === undefined) return;
  throw fail('TARGET_UNSUPPORTED', {
    what: `Milvus Lite cannot store null in the vector field ${lost.field.name}`,
  });
}

/** Bytes of a row of a column, about: enough to size requests. */
function bytesUpTo(column: Column): (row: number) => number {
  const { data } = column;
  switch (data.kind) {
    case 'fixed':
      return () => data.width;
    case 'bytes':
      return (row) => (data.values[row]?.length ?? 0) + 4;
    case 'int64':
    case 'int32':
      return () => 10;
    case 'float32':
      return () => 4;
    case 'float64':
      return () => 8;
  }
}

/** Cuts a batch into runs of rows of at most about `limit` bytes, at least one row each. */
export function* slicesOf(batch: RowBatch, limit: number): Generator<readonly [number, number]> {
  const sizes = batch.columns.map(bytesUpTo);
  let from = 0;
  let bytes = 0;
  for (let row = 0; row < batch.rows; row++) {
    const size = sizes.reduce((sum, of) => sum + of(row), 0);
    if (row > from && bytes + size > limit) {
      yield [from, row];
      from = row;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < batch.rows) yield [from, batch.rows];
}

async function writeSlice(
  transport: Transport,
  request: WriteRequest,
  columns: readonly StoredColumn[],
  from: number,
  to: number,
): Promise<number> {
  const bytes = requestBytes(request, columns, from, to);
  try {
    await send(transport, request, bytes, to - from);
    return bytes.length;
  } catch (error) {
    if (!isPageTooLarge(error)) throw error;
    if (to - from === 1) throw rowTooLarge(request, from, bytes.length, error);
    // Refused for its size means that nothing of it was stored: halves may be sent.
    const middle = from + Math.ceil((to - from) / 2);
    const first = await writeSlice(transport, request, columns, from, middle);
    return first + (await writeSlice(transport, request, columns, middle, to));
  }
}

export function requestBytes(
  { definition, partition, batch }: Pick<WriteRequest, 'definition' | 'partition' | 'batch'>,
  columns: readonly StoredColumn[],
  from = 0,
  to = batch.rows,
): Buffer {
  const fields: Rope[] = columns.map(({ field, column }) =>
    delimited(
      WRITE_FIELDS.fieldsData,
      encodeColumn(column, { marks: field.nullable || field.hasDefault, dynamic: field.dynamic }, from, to),
    ),
  );
  return joined(
    joinRopes(
      textField(WRITE_FIELDS.dbName, definition.database),
      textField(WRITE_FIELDS.collectionName, definition.collection),
      textField(WRITE_FIELDS.partitionName, partition ?? ''),
      ...fields,
      varintField(WRITE_FIELDS.numRows, to - from),
    ),
  );
}

async function send(transport: Transport, request: WriteRequest, bytes: Buffer, rows: number): Promise<void> {
  const name = METHOD[request.mode];
  const options = { database: request.definition.database, signal: request.signal, timeoutMs: WRITE_TIMEOUT_MS };
  const result = decodeMessage(MutationResult, await transport.send(name, bytes, options));
  const fault = faultOfStatus(result.status, name);
  if (fault !== null) throw fault;
  checkCounts(result, request, rows);
}

/** A reply may say success and count fewer rows. */
function checkCounts(result: MessageOf<typeof MutationResult>, { mode, definition }: WriteRequest, rows: number): void {
  const stored = Number(mode === 'insert' ? result.insertCnt : result.upsertCnt);
  if (stored === rows && result.errIndex.length === 0) return;
  throw fail('PROTOCOL_VIOLATION', {
    what: `Milvus stored another number of rows in ${definition.collection} than it was sent`,
    expected: `${rows}`,
    got: `${stored}, ${result.errIndex.length} refused`,
  });
}

function rowTooLarge({ definition, batch }: WriteRequest, row: number, bytes: number, cause: unknown): Error {
  const key = primaryKeyOf(definition).name;
  return fail('ROW_TOO_LARGE', {
    what: `A row of ${definition.collection} is larger than the target's message limit`,
    got: `${bytes} bytes`,
    details: { collection: definition.collection, row, key, rows: batch.rows },
    cause,
  });
}
