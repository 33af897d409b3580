import type { CollectionDefinition } from '@milvault/shared';
import { decodeMessage } from '../protocol/message.ts';
import { CollectionSchema } from '../protocol/messages.ts';

/** The numbers by which the server's own files know the fields. That of `$meta` is not told by every server. */
export function fieldIdsOf({ schema }: Pick<CollectionDefinition, 'schema'>): ReadonlyMap<string, number> {
  const { fields } = decodeMessage(CollectionSchema, Buffer.from(schema, 'base64'));
  return new Map(fields.map(({ name, fieldID }) => [name, Number(fieldID)]));
}
