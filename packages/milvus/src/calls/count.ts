import { fail, type PrimaryKey } from '@milvault/shared';
import { decodeColumn } from '../columns/decode.ts';
import { membershipExpression, rangeExpression, type Dialect } from '../keys/expression.ts';
import type { KeyRange, ReadRequest } from '../port.ts';
import type { Transport } from '../transport/transport.ts';
import { keyFieldOf } from './fields.ts';
import { query } from './query.ts';

const COUNT = 'count(*)';
const ALL: KeyRange = { after: null, upTo: null };
/** Expressions of some 100 kB parse in milliseconds; ones of many megabytes do not. */
const EXPRESSION_BYTES = 128 * 1024;

export const count = (
  transport: Transport,
  dialect: Dialect,
  request: Omit<ReadRequest, 'range'> & { readonly range?: KeyRange },
): Promise<number> =>
  // Always with a condition: Lite ignores the partition of a count without one.
  countWhere(transport, request, rangeExpression(keyFieldOf(request.definition), request.range ?? ALL, dialect));

export async function countKeys(
  transport: Transport,
  dialect: Dialect,
  request: Omit<ReadRequest, 'range'>,
  keys: readonly PrimaryKey[],
): Promise<number> {
  const field = keyFieldOf(request.definition);
  let total = 0;
  for (const group of groupsOf(distinct(keys))) {
    total += await countWhere(transport, request, membershipExpression(field, group, dialect));
  }
  return total;
}

/** A key asked for in two groups would be counted twice. */
const distinct = (keys: readonly PrimaryKey[]): PrimaryKey[] => [...new Set(keys)];

function* groupsOf(keys: readonly PrimaryKey[]): Generator<PrimaryKey[]> {
  let group: PrimaryKey[] = [];
  let bytes = 0;
  for (const key of keys) {
    group.push(key);
    bytes += String(key).length + 4;
    if (bytes < EXPRESSION_BYTES) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield group;
}

async function countWhere(
  transport: Transport,
  { definition, partition, moment, signal }: Omit<ReadRequest, 'range'>,
  expression: string,
): Promise<number> {
  const reply = await query(transport, { definition, partition, expression, outputFields: [COUNT], moment, signal });
  const data = reply.fields.get(COUNT);
  const field = { name: COUNT, type: 'Int64', nullable: false } as const;
  const column = data === undefined ? null : decodeColumn(data, field, 1);
  const value = column?.data.kind === 'int64' ? column.data.values[0] : undefined;
  if (value === undefined) {
    throw fail('PROTOCOL_VIOLATION', { what: 'Milvus answered a count without a number', expected: COUNT });
  }
  return Number(value);
}
