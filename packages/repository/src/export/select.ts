import { fail, type ExportCollection, type ExportPlan } from '@milvault/shared';

/** What to export: names as people give them. Empty: all. */
export interface ExportSelection {
  /** `collection` of the database `default`, or `database.collection`. */
  readonly collections: readonly string[];
  readonly partitions: readonly string[];
}

/** The plan with nothing but what was asked for. COLLECTION_NOT_FOUND, PARTITION_NOT_FOUND. */
export function selectExport(plan: ExportPlan, selection: ExportSelection): ExportPlan {
  const collections = selection.collections.length === 0 ? plan.collections : selected(plan, selection.collections);
  return { ...plan, collections: withPartitions(collections, selection.partitions) };
}

const isNamed = (one: ExportCollection, text: string): boolean =>
  text === `${one.database}.${one.collection}` || (one.database === 'default' && text === one.collection);

const SHOWN = 20;

function selected({ backup, collections }: ExportPlan, names: readonly string[]): ExportCollection[] {
  for (const name of names) {
    if (collections.some((one) => isNamed(one, name))) continue;
    const known = collections.map((one) => `${one.database}.${one.collection}`);
    throw fail('COLLECTION_NOT_FOUND', {
      what: `The backup ${backup.name} does not hold the collection ${JSON.stringify(name)}`,
      expected: known.length === 0 ? 'nothing: it holds none' : `one of ${known.slice(0, SHOWN).join(', ')}`,
      got: JSON.stringify(name),
      next: 'Take a name from the list of its collections',
    });
  }
  return collections.filter((one) => names.some((name) => isNamed(one, name)));
}

/** Collections that have none of the named partitions are left out. */
function withPartitions(collections: readonly ExportCollection[], names: readonly string[]): ExportCollection[] {
  if (names.length === 0) return [...collections];
  for (const name of names) {
    if (collections.some(({ partitions }) => partitions.includes(name))) continue;
    throw fail('PARTITION_NOT_FOUND', {
      what: `No collection that was chosen has the partition ${JSON.stringify(name)}`,
      details: { partition: name },
    });
  }
  return collections
    .map((one) => ({ ...one, partitions: one.partitions.filter((partition) => names.includes(partition)) }))
    .filter(({ partitions }) => partitions.length > 0);
}
