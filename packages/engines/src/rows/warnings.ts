import type { Warning } from '@milvault/shared';

/**
 * Every warning that the `rows` engine gives: what a backup or a restored collection does not hold, or a doubt about
 * what it holds. `docs/warnings.md` is checked against this table. A code is never renamed.
 */
export const WARNINGS = {
  RBAC_NOT_SAVED: 'Users, roles and grants are not part of the backup; keep them elsewhere.',
  RESOURCE_GROUPS_NOT_SAVED:
    'Resource groups and replica numbers are not part of the backup; a restored collection is loaded with one replica in the default group.',
  DATABASE_PROPERTIES_HIDDEN:
    'This server does not tell the properties of its databases; a restore creates databases without properties.',
  IDS_HIDDEN:
    'This server does not tell collection ids; a collection that is dropped and made again with the same schema during a backup is noticed only by its row counts.',
  CONSISTENCY_LEVEL_HIDDEN:
    "This server does not tell the collection's consistency level; a restore uses the target's default.",
  TTL_SET:
    'Rows of the collection expire: some may vanish while they are read, and restored rows live a whole time-to-live again.',
  FUNCTION_OUTPUT_NOT_SAVED:
    'The field is computed by a function of the server and is not saved; the target computes it again, which needs the same analyzers or models.',
  AUTO_IDS_DEPEND_ON_TARGET:
    'The collection gives keys itself. A restore keeps the saved keys; on a target that refuses given keys the restored collection takes keys from the caller instead.',
  TYPE_UNSUPPORTED:
    'The collection has a field of a type that this engine cannot save; a backup that includes the collection fails.',
  COLLECTION_NOT_LOADED:
    'The collection is not loaded, so its rows cannot be read; a backup that includes it fails until it is loaded.',
  PARTITION_NOT_LOADED:
    'A partition is not loaded, so its rows cannot be read; a backup that includes the collection fails until it is loaded.',
  STAGING_LEFT_OUT:
    'The collection is the unfinished work of a restore or a drill, known by its name, and is left out unless it is named in full.',
  CONSISTENCY_FUZZY:
    'Rows were written or deleted while the collection was read: the saved rows stem from different moments of the backup.',
  SHADOWED_DUPLICATES:
    'Milvus counts more rows than it can give: rows hidden by a newer row with the same key. Of each key the row that Milvus gives is saved: mostly, not always, the newest.',
  AUTO_IDS_PLAIN:
    'The target refuses given keys for a collection that gives keys itself: it is restored with its saved keys and without automatic ids.',
  INDEX_REPLACED:
    'The target does not build an index of this kind; an AUTOINDEX with the same metric is built instead.',
  INDEX_LEFT_OUT: 'The target does not build this index of a scalar field; searches work, filters may be slower.',
  ALIAS_LEFT_ALONE: 'The alias exists on the target already and was left as it is.',
  TOOL_KEEPS_DATA:
    'A backup tool keeps the data. milvault has the record of it, reads none of the data, and passes on what the tool says.',
  TOOL_LEFTOVERS:
    'Failed tries left folders at the tool, which block their names there; only its storage can be cleared of them.',
  TOOL_RESTORE_COUNTED:
    'The tool restored; milvault counted the rows where it knew their number, and could not compare their content.',
  TOOL_LEAVES_OUT:
    'The milvus-backup server does not bring back aliases or the time-to-live of collections, and milvault does not ask it for users, roles and grants: set them again after a restore.',
  TOOL_NUMBERS_MISSING: 'The tool did not say how many rows or bytes it saved, so they are not known.',
  TOOL_ANSWER_LOST:
    'The answer of the tool was lost; it was found to have a backup of this name. How many rows or bytes it saved is not known.',
  COLLECTION_LEFT_OUT: 'The collection has none of the partitions that were asked for and is not restored.',
} as const satisfies Record<string, string>;

export type WarningCode = keyof typeof WARNINGS;

export interface WarningPlace {
  readonly database?: string;
  readonly collection?: string;
}

/** A warning with the table's sentence and, behind it, what is particular here. */
export const warning = (code: WarningCode, place: WarningPlace = {}, particulars?: string): Warning => ({
  code,
  message: particulars === undefined ? WARNINGS[code] : `${WARNINGS[code]} (${particulars})`,
  ...(place.database === undefined ? {} : { database: place.database }),
  ...(place.collection === undefined ? {} : { collection: place.collection }),
});

/** The text of `docs/warnings.md`. */
export const warningsPage = (): string =>
  [
    '# Warnings',
    '',
    'A warning names what a backup or a restored collection does not hold, or a doubt about what it holds. `inspect` tells',
    'them before a backup, the manifest keeps them, and restore reports add their own. Codes are stable.',
    '',
    '| Code | Meaning |',
    '| --- | --- |',
    ...Object.entries(WARNINGS).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`),
    '',
  ].join('\n');
