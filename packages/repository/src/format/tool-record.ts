import type { CollectionSummary, ToolBackup } from '@milvault/shared';
import type { ToolRecord } from '../port.ts';
import { summaryOf, type ManifestRecord } from './records.ts';

/** What a decision says of the collections of a backup, by its manifest. A number that a tool did not give is 0 there. */
export const summariesOf = ({
  tool,
  collections,
}: Pick<ManifestRecord, 'tool' | 'collections'>): CollectionSummary[] =>
  tool === undefined
    ? collections.map(summaryOf)
    : tool.collections.map(({ database, collection, rows, bytes }) => ({
        database,
        collection,
        rows: rows ?? 0,
        bytes: bytes ?? 0,
      }));

/** What a decision says of the tool that keeps a backup, with the names of the numbers that are not known. */
export function toolBackupOf(tool: ToolRecord): ToolBackup {
  const { api, name, key, adopted, rows, bytes, collections } = tool;
  const parts = collections.every((one) => one.rows !== null && one.bytes !== null) && collections.length > 0;
  return {
    api,
    name,
    ...(key === undefined ? {} : { key }),
    unknown: [
      ...(rows === null ? (['rows'] as const) : []),
      ...(bytes === null ? (['bytes'] as const) : []),
      ...(parts ? [] : (['collections'] as const)),
    ],
    ...(adopted === undefined ? {} : { adopted }),
  };
}

/** As it is written: a copy without members that are undefined. */
export const plainTool = ({ key, adopted, collections, ...tool }: ToolRecord): NonNullable<ManifestRecord['tool']> => ({
  ...tool,
  ...(key === undefined ? {} : { key }),
  ...(adopted === undefined ? {} : { adopted }),
  collections: collections.map((one) => ({ ...one })),
});
