import type { CollectionDefinition } from '@milvault/shared';
import type { Moment } from '../port.ts';
import { openFieldData, type FieldData } from '../columns/decode.ts';
import { encodeMessage } from '../protocol/message.ts';
import { QueryRequest } from '../protocol/messages.ts';
import { payloadsOf } from '../protocol/wire.ts';
import { faultOfStatus } from '../transport/errors.ts';
import { retried } from '../transport/retry.ts';
import { statusOf, type Transport } from '../transport/transport.ts';

export interface Query {
  readonly definition: CollectionDefinition;
  readonly partition: string | null;
  readonly expression: string;
  readonly outputFields: readonly string[];
  /** Settings beside those that every query has. */
  readonly params?: Readonly<Record<string, string>>;
  /** See ReadRequest. */
  readonly moment?: Moment | null | undefined;
  readonly signal: AbortSignal;
}

export interface QueryReply {
  readonly fields: ReadonlyMap<string, FieldData>;
  readonly wireBytes: number;
}

const STRONG = 0;
const CUSTOMIZED = 4;
/** FieldData in QueryResults. */
const FIELDS_DATA = 2;
/** Lite scans a whole collection for each query: 100,000 rows take 10 s. */
const QUERY_TIMEOUT_MS = 10 * 60_000;

/** One query, with Strong consistency unless a moment is given. Repeated while Milvus is away: it changes nothing. */
export async function query(transport: Transport, request: Query): Promise<QueryReply> {
  const { definition, signal } = request;
  const bytes = requestBytes(request);
  const options = { database: definition.database, signal, timeoutMs: QUERY_TIMEOUT_MS };
  return retried(transport.clock, signal, async () => {
    const reply = await transport.send('Query', bytes, options);
    const fault = faultOfStatus(statusOf(reply), 'Query');
    if (fault !== null) throw fault;
    const fields = payloadsOf(reply, FIELDS_DATA).map(openFieldData);
    return { fields: new Map(fields.map((field) => [field.name, field])), wireBytes: reply.length };
  });
}

function requestBytes({ definition, partition, expression, outputFields, params, moment }: Query): Uint8Array {
  return encodeMessage(QueryRequest, {
    dbName: definition.database,
    collectionName: definition.collection,
    expr: expression,
    outputFields,
    partitionNames: partition === null ? [] : [partition],
    queryParams: Object.entries({
      // Without it, text of timestamps would follow the collection's time zone.
      timezone: 'UTC',
      ...(definition.collectionId === '' ? {} : { collection_id: definition.collectionId }),
      ...params,
    }).map(([key, value]) => ({ key, value })),
    ...(moment === null || moment === undefined
      ? { consistencyLevel: STRONG }
      : { consistencyLevel: CUSTOMIZED, guaranteeTimestamp: moment }),
    useDefaultConsistency: false,
  });
}
