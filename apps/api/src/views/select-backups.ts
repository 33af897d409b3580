import { Type, type Static } from 'typebox';
import { BackupType, Instant, sourceIdOf, type Backup, type Config } from '@milvault/shared';

const text = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description }));

const SORTS = ['committedAt', 'name', 'rows', 'bytes', 'durationMs'] as const;
type Sort = (typeof SORTS)[number];
const Order = Type.Enum(
  SORTS.flatMap((sort) => [sort, `-${sort}` as const]),
  { default: '-committedAt', description: 'A field to sort by; with - from the largest' },
);

/** Which backups, in which order, and which share of them. */
export const BackupQuery = Type.Object(
  {
    repository: text('Name, or absolute folder. Default: every configured one'),
    plan: text('Name of a plan'),
    source: text('Name, address or id of a source'),
    type: Type.Optional(BackupType),
    collection: text('Holds this collection: name or database.name'),
    search: text('Part of the name or id, in any case'),
    since: Type.Optional(Instant),
    until: Type.Optional(Instant),
    sort: Type.Optional(Order),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    offset: Type.Optional(Type.Integer({ minimum: 0, default: 0 })),
  },
  { additionalProperties: false },
);
export type BackupQuery = Static<typeof BackupQuery>;

export function selectBackups(
  backups: readonly Backup[],
  query: BackupQuery,
  config: Config,
): { backups: Backup[]; total: number } {
  const found = backups.filter((backup) => fits(backup, query, config)).sort(orderOf(query.sort ?? '-committedAt'));
  const offset = query.offset ?? 0;
  return { backups: found.slice(offset, offset + (query.limit ?? 100)), total: found.length };
}

function fits(backup: Backup, query: BackupQuery, config: Config): boolean {
  const { type, since, until, collection, search, source } = query;
  return (
    (type === undefined || backup.type === type) &&
    (since === undefined || backup.committedAt >= since) &&
    (until === undefined || backup.committedAt < until) &&
    (collection === undefined || backup.collections.some((one) => isNamed(one, collection))) &&
    (search === undefined || `${backup.name}\n${backup.id}`.toLowerCase().includes(search.toLowerCase())) &&
    (source === undefined || isFrom(backup, source, config))
  );
}

const isNamed = (one: { database: string; collection: string }, name: string): boolean =>
  one.collection === name || `${one.database}.${one.collection}` === name;

function isFrom(backup: Backup, source: string, config: Config): boolean {
  const address = config.sources.find((one) => one.name === source)?.address ?? source;
  return backup.source.id === source || backup.source.id === sourceIdOf(address);
}

/** Equal ones keep a fixed order (by id), so that pages never overlap. */
function orderOf(sort: string): (a: Backup, b: Backup) => number {
  const sign = sort.startsWith('-') ? -1 : 1;
  // The schema lets only these names through.
  const field = sort.replace('-', '') as Sort;
  const valueOf = (backup: Backup): number | string => (field === 'bytes' ? backup.bytes.total : backup[field]);
  return (a, b) => {
    const [left, right] = [valueOf(a), valueOf(b)];
    if (left === right) return a.id < b.id ? -sign : sign;
    return left < right ? -sign : sign;
  };
}
