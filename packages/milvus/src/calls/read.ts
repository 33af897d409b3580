import { compareKeys, fail, type PrimaryKey, type RowBatch } from '@milvault/shared';
import { absentColumn, decodeColumn, rowsOf, type FieldData } from '../columns/decode.ts';
import { keyColumnOf, orderRows, type KeyColumn } from '../columns/order.ts';
import { rangeExpression, type Dialect } from '../keys/expression.ts';
import { CAREFUL_ROWS, type KeyRange, type Page, type ReadRequest } from '../port.ts';
import { isPageTooLarge, PageTooLarge } from '../transport/errors.ts';
import type { Transport } from '../transport/transport.ts';
import { count } from './count.ts';
import { primaryKeyOf, keyFieldOf, shapeOf, storedFields } from './fields.ts';
import { query, type QueryReply } from './query.ts';

/** See MilvusClient.read. */
export async function read(transport: Transport, dialect: Dialect, request: ReadRequest): Promise<Page> {
  const { definition, range } = request;
  const careful = request.careful === true && dialect !== 'lite';
  try {
    const reply = await query(transport, {
      definition,
      partition: request.partition,
      expression: rangeExpression(keyFieldOf(definition), range, dialect),
      // Never `*`: it leaves out what a proxy cannot serve without saying so.
      outputFields: storedFields(definition).map((field) => field.name),
      moment: request.moment,
      ...(careful ? { params: { limit: String(CAREFUL_ROWS) } } : {}),
      signal: request.signal,
    });
    const page = { ...decodeRows(request, reply), wireBytes: reply.wireBytes };
    const { rows } = page.batch;
    // The limit may have cut it. Copies of one key are no loss.
    if (careful && rows > 1 && rows + page.duplicates >= CAREFUL_ROWS) {
      throw new PageTooLarge(`${rows} rows, as many as the server gives`);
    }
    return page;
  } catch (error) {
    if (!isPageTooLarge(error) || (await count(transport, dialect, request)) > 1) throw error;
    throw rowTooLarge(request, error);
  }
}

/** The range cannot be halved any more. */
const rowTooLarge = ({ definition, range }: ReadRequest, cause: PageTooLarge): Error =>
  fail('ROW_TOO_LARGE', {
    what: `A row of ${definition.database}.${definition.collection} does not fit into one answer: ${cause.message}`,
    got: `one row with a key after ${shown(range.after)}, up to ${shown(range.upTo)}`,
    details: { database: definition.database, collection: definition.collection },
    cause,
  });

function decodeRows(request: ReadRequest, reply: QueryReply): { batch: RowBatch; duplicates: number } {
  const { definition, range } = request;
  const shapes = storedFields(definition).map(shapeOf);
  const primaryKey = primaryKeyOf(definition);
  const keyData = reply.fields.get(primaryKey.name);
  const rows = keyData === undefined ? 0 : rowsOf(keyData, shapeOf(primaryKey));
  const columns = shapes.map((shape) => decodeColumn(columnOf(reply, shape.name, rows), shape, rows));
  const batch: RowBatch = { rows, primaryKey: primaryKey.name, columns };
  const ordered = orderRows(batch, keysOf(batch));
  checkRange(keysOf(ordered.batch), range);
  return ordered;
}

export function keysOf(batch: RowBatch): KeyColumn {
  const column = batch.columns.find((one) => one.field.name === batch.primaryKey);
  if (column === undefined) throw fail('INTERNAL', { what: `A batch lacks its key column ${batch.primaryKey}` });
  return keyColumnOf(column);
}

/** A column without values may be left out of a reply without rows. */
function columnOf(reply: QueryReply, name: string, rows: number): FieldData {
  const data = reply.fields.get(name);
  if (data !== undefined) return data;
  if (rows === 0 && reply.fields.size === 0) return absentColumn(name);
  throw fail('PROTOCOL_VIOLATION', {
    what: `Milvus left the field ${name} out of its answer`,
    expected: `${name} with ${rows} rows`,
    got: [...reply.fields.keys()].join(', '),
  });
}

/** Keys are in order, so the first and the last tell for all. */
function checkRange(keys: KeyColumn, range: KeyRange): void {
  if (keys.rows === 0) return;
  const first = keys.at(0);
  const last = keys.at(keys.rows - 1);
  const inside =
    (range.after === null || compareKeys(first, range.after) > 0) &&
    (range.upTo === null || compareKeys(last, range.upTo) <= 0);
  if (inside) return;
  throw fail('PROTOCOL_VIOLATION', {
    what: 'Milvus answered rows outside of the key range that it was asked for',
    expected: `after ${shown(range.after)}, up to ${shown(range.upTo)}`,
    got: `${shown(first)} to ${shown(last)}`,
  });
}

const shown = (key: PrimaryKey | null): string => (key === null ? 'any' : JSON.stringify(String(key)));
