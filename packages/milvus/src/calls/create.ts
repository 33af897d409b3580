import { fail, hasCode, type CollectionDefinition } from '@milvault/shared';
import { decodeMessage } from '../protocol/message.ts';
import { CollectionSchema, FieldSchema } from '../protocol/messages.ts';
import { METHODS } from '../protocol/methods.ts';
import { delimited, joined, joinRopes, rawField, rope, textField, WireReader, type Rope } from '../protocol/wire.ts';
import type { CreateOptions } from '../port.ts';
import type { Transport } from '../transport/transport.ts';
import { describe, fieldsOf } from './describe.ts';
import type { FieldDefinition } from './fields.ts';

const SCHEMA = CollectionSchema.fields;
const FIELD = FieldSchema.fields;

/** Properties that a server sets for itself: refused, or harmful, when set from outside. */
const INTERNAL_PROPERTIES = new Set(['max_field_id', 'cipher.ezID']);
/** Put back by `setProperties` when all rows are in: rows could expire in the middle of a restore. */
const LATE_PROPERTIES = new Set(['collection.ttl.seconds']);
export const KEEP_AUTO_IDS = 'allow_insert_auto_id';

/** See MilvusClient.createCollection. */
export async function createCollection(
  transport: Transport,
  lite: boolean,
  definition: CollectionDefinition,
  { autoId }: CreateOptions,
  signal?: AbortSignal,
): Promise<void> {
  const plain = autoId === 'plain';
  const auto = definition.fields.some((field) => field.primaryKey && field.autoId);
  const properties = definition.properties.filter(
    ({ key }) => !INTERNAL_PROPERTIES.has(key) && !LATE_PROPERTIES.has(key) && key !== KEEP_AUTO_IDS,
  );
  const options = { database: definition.database, signal };
  await refuseExisting(transport, definition, signal);
  await transport
    .call(
      METHODS.createCollection,
      {
        dbName: definition.database,
        collectionName: definition.collection,
        schema: schemaFor(definition, plain),
        shardsNum: definition.shards,
        ...(definition.consistencyLevel === null ? {} : { consistencyLevel: definition.consistencyLevel }),
        properties: auto && autoId === 'property' ? [...properties, { key: KEEP_AUTO_IDS, value: 'true' }] : properties,
        ...(definition.partitionKeyMode ? { numPartitions: String(definition.partitions.length) } : {}),
      },
      options,
    )
    .catch((error: unknown) => {
      throw hasCode(error, 'SOURCE_REJECTED') ? unsupported(definition, error.message, error) : error;
    });
  await checkCreated(transport, lite, definition, plain, signal);
}

/** Creating twice is accepted by Milvus where the schemas are equal: a restore must know. */
async function refuseExisting(
  transport: Transport,
  definition: CollectionDefinition,
  signal?: AbortSignal,
): Promise<void> {
  const { database, collection } = definition;
  const { value } = await transport.call(
    METHODS.hasCollection,
    { dbName: database, collectionName: collection },
    { database, signal },
  );
  if (value) throw fail('TARGET_EXISTS', { what: `The collection ${database}.${collection} already exists` });
}

const unsupported = (definition: CollectionDefinition, why: string, cause?: unknown): Error =>
  fail('TARGET_UNSUPPORTED', {
    what: `The target cannot hold the collection ${definition.collection}: ${why}`,
    ...(cause === undefined ? {} : { cause }),
  });

/** The stored schema with a new name; all else, also what we do not know, stays as the source sent it. */
export function schemaFor(definition: CollectionDefinition, plain: boolean): Uint8Array {
  const pieces: Rope[] = [textField(SCHEMA.name.id, definition.collection)];
  const reader = new WireReader(Buffer.from(definition.schema, 'base64'));
  while (reader.next()) {
    const { field, wire } = reader;
    const payload = reader.payload();
    if (field === SCHEMA.name.id || field === SCHEMA.dbName.id) continue;
    if (field === SCHEMA.autoID.id && plain) continue;
    if (field === SCHEMA.fields.id) pieces.push(delimited(field, fieldFor(payload, plain)));
    else pieces.push(rawField(field, wire, payload));
  }
  return joined(joinRopes(...pieces));
}

/** One field without its id, which the target gives, and without auto ids where they are given up. */
function fieldFor(bytes: Uint8Array, plain: boolean): Rope {
  const pieces: Rope[] = [];
  const reader = new WireReader(bytes);
  while (reader.next()) {
    const { field, wire } = reader;
    const payload = reader.payload();
    if (field === FIELD.fieldID.id || (field === FIELD.autoID.id && plain)) continue;
    pieces.push(rawField(field, wire, payload));
  }
  return pieces.length === 0 ? rope() : joinRopes(...pieces);
}

/**
 * Older servers skip what they do not know (null values, default values …) and answer success, and the rows would then
 * be stored wrong: what was created is compared with what was asked for, and dropped where it is less.
 */
async function checkCreated(
  transport: Transport,
  lite: boolean,
  definition: CollectionDefinition,
  plain: boolean,
  signal?: AbortSignal,
): Promise<void> {
  const wantedSchema = decodeMessage(CollectionSchema, schemaFor(definition, plain));
  const wanted = fieldsOf(wantedSchema, definition);
  const created = await describe(transport, lite, definition, signal);
  const missing = wanted.flatMap((field) =>
    lostIn(
      field,
      created.fields.find((one) => one.name === field.name),
    ),
  );
  if (missing.length === 0) return;
  const { database, collection } = definition;
  await transport.call(METHODS.dropCollection, { dbName: database, collectionName: collection }, { database, signal });
  throw unsupported(definition, `it silently leaves out ${missing.join(', ')}`);
}

const TRAITS = [
  'type',
  'elementType',
  'dim',
  'nullable',
  'primaryKey',
  'autoId',
  'partitionKey',
  'hasDefault',
  'dynamic',
  'functionOutput',
] as const satisfies readonly (keyof FieldDefinition)[];

const lostIn = (wanted: FieldDefinition, created: FieldDefinition | undefined): string[] =>
  created === undefined
    ? [`field ${wanted.name}`]
    : TRAITS.filter((trait) => wanted[trait] !== created[trait]).map((trait) => `${trait} of ${wanted.name}`);
