import type { Backup, StartRestore } from '@milvault/shared';

export type CollectionSummary = Backup['collections'][number];

/** What a person wants to restore, where and as what, while it is being chosen. */
export interface Choice {
  /** Keys of the chosen collections. */
  readonly collections: readonly string[];
  /** None: all. */
  readonly partitions: readonly string[];
  readonly target: string | null;
  readonly suffix: string;
  /** New names that were typed, by key. */
  readonly names: Readonly<Record<string, string>>;
  readonly aliases: boolean;
}

const SUFFIX = '_restored';

export const keyOf = ({ database, collection }: Pick<CollectionSummary, 'database' | 'collection'>): string =>
  `${database}.${collection}`;

export const firstChoice = ({ collections }: Backup, target: string | null): Choice => ({
  collections: collections.map(keyOf),
  partitions: [],
  target,
  suffix: SUFFIX,
  names: {},
  aliases: false,
});

export const newNameOf = ({ names, suffix }: Choice, one: CollectionSummary): string =>
  names[keyOf(one)] ?? `${one.collection}${suffix}`;

/** Every new name is said, so that what was shown is what is made. */
export function requestOf(choice: Choice, backup: Backup, target: string): Omit<StartRestore, 'backup'> {
  const chosen = backup.collections.filter((one) => choice.collections.includes(keyOf(one)));
  return {
    repository: backup.repository,
    target,
    collections: chosen.map(keyOf),
    partitions: [...choice.partitions],
    rename: Object.fromEntries(chosen.map((one) => [keyOf(one), newNameOf(choice, one)])),
    aliases: choice.aliases,
  };
}
