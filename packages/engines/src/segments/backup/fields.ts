import { fieldIdsOf } from '@milvault/milvus';
import { TIMESTAMP_FIELD, type SegmentSet } from '@milvault/repository';
import { fail, type CollectionDefinition } from '@milvault/shared';
import { fullName } from '../../rows/names.ts';
import type { Look } from './look.ts';

/**
 * The numbers that the files have for the fields. Servers hide `$meta` in the schema: it is then the one field that has
 * files and no name. PROTOCOL_VIOLATION where that is not so.
 */
export function fieldsInFiles(definition: CollectionDefinition, look: Look): SegmentSet['fields'] {
  const ids = fieldIdsOf(definition);
  const stored = definition.fields.filter((field) => !field.functionOutput);
  const named = stored.flatMap(({ name }) => {
    const id = ids.get(name);
    return id === undefined ? [] : [{ name, id }];
  });
  const unnamed = stored.filter(({ name }) => !ids.has(name));
  const [hidden] = unnamed;
  if (hidden === undefined || look.segments.length === 0) return named;
  const known = new Set(ids.values());
  const nameless = new Set(
    look.segments.flatMap(({ id }) =>
      (look.files.get(id) ?? []).flatMap(({ field }) =>
        field === undefined || field <= TIMESTAMP_FIELD || known.has(field) ? [] : [field],
      ),
    ),
  );
  const [id] = nameless;
  if (unnamed.length === 1 && nameless.size === 1 && id !== undefined) return [...named, { name: hidden.name, id }];
  throw fail('PROTOCOL_VIOLATION', {
    what: `The files of ${fullName(definition)} do not fit its schema`,
    expected: `files of one field without a number in the schema: ${unnamed.map(({ name }) => name).join(', ')}`,
    got: nameless.size === 0 ? 'none' : `files of the fields ${[...nameless].join(', ')}`,
  });
}
