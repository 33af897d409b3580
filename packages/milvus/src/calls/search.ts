import { DATA_TYPES, fail, type PrimaryKey } from '@milvault/shared';
import { encodeMessage } from '../protocol/message.ts';
import { PlaceholderGroup } from '../protocol/messages.ts';
import { METHODS } from '../protocol/methods.ts';
import type { SearchRequest } from '../port.ts';
import { retried } from '../transport/retry.ts';
import type { Transport } from '../transport/transport.ts';

const STRONG = 0;
/** DslType of the protocol: an expression, here an empty one. */
const BOOL_EXPRESSION = 1;
const SEARCH_TIMEOUT_MS = 2 * 60_000;

/** See MilvusClient.search. */
export async function search(transport: Transport, request: SearchRequest): Promise<PrimaryKey[]> {
  const { definition, field, vector, limit, signal } = request;
  const type = definition.fields.find((one) => one.name === field)?.type;
  if (type === undefined) throw fail('INTERNAL', { what: `${definition.collection} has no field ${field}` });
  const { results } = await retried(transport.clock, signal, () =>
    transport.call(
      METHODS.search,
      {
        dbName: definition.database,
        collectionName: definition.collection,
        dslType: BOOL_EXPRESSION,
        placeholderGroup: encodeMessage(PlaceholderGroup, {
          // Vectors have the same numbers as placeholders that they have as data types.
          placeholders: [{ tag: '$0', type: DATA_TYPES[type], values: [vector] }],
        }),
        searchParams: paramsOf(request, limit),
        nq: '1',
        consistencyLevel: STRONG,
        useDefaultConsistency: false,
      },
      { database: definition.database, signal, timeoutMs: SEARCH_TIMEOUT_MS },
    ),
  );
  const ids = results?.ids;
  if (ids === undefined || ids === null) return [];
  return ids.strId === null ? (ids.intId?.data ?? []).map(BigInt) : ids.strId.data;
}

function paramsOf({ definition, field }: SearchRequest, limit: number): { key: string; value: string }[] {
  const index = definition.indexes.find((one) => one.field === field);
  const metric = index?.params.find((param) => param.key === 'metric_type')?.value;
  return [
    { key: 'anns_field', value: field },
    { key: 'topk', value: String(limit) },
    { key: 'params', value: '{}' },
    { key: 'round_decimal', value: '-1' },
    ...(metric === undefined ? [] : [{ key: 'metric_type', value: metric }]),
  ];
}
