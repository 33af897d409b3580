import type { CollectionIndex, Manifest, Repository } from '@milvault/repository';
import { addContentSums } from '@milvault/repository';
import { fail, type Warning } from '@milvault/shared';
import type { RestoreRequest } from '../../port.ts';
import { DEFAULT_DATABASE, fullName, nameId, parseNewName, requireSafeName, type CollectionName } from '../names.ts';
import { resolveName, selectCollections, type Catalogue } from '../select.ts';
import { warning } from '../warnings.ts';

export const DEFAULT_SUFFIX = '_restored';

/** One collection of the backup and the name that it is to get. */
export interface Target {
  readonly from: CollectionName;
  readonly to: CollectionName;
}

function catalogueOf(manifest: Manifest): Catalogue {
  const catalogue = new Map<string, string[]>();
  for (const { database, collection } of manifest.collections) {
    catalogue.set(database, [...(catalogue.get(database) ?? []), collection]);
  }
  if (!catalogue.has(DEFAULT_DATABASE)) catalogue.set(DEFAULT_DATABASE, []);
  return catalogue;
}

/**
 * Which collections of the backup are restored, and as what. COLLECTION_NOT_FOUND for what the backup does not hold,
 * NAME_INVALID, TARGET_EXISTS where two would get one name.
 */
export function chooseTargets(manifest: Manifest, request: RestoreRequest): Target[] {
  const catalogue = catalogueOf(manifest);
  // A backup holds a staging collection only where somebody named it: then `*` means it, too.
  const { names, leftOut } = selectCollections(request.collections, catalogue);
  const chosen = [...names, ...leftOut].map(({ database, collection }): CollectionName => ({ database, collection }));
  const renamed = readRenames(catalogue, request.rename, chosen);
  const suffix = request.suffix ?? DEFAULT_SUFFIX;
  const targets = chosen.map((from): Target => {
    const suffixed = { ...from, collection: `${from.collection}${suffix}` };
    return { from, to: renamed.get(nameId(from)) ?? requireSafeName(suffixed) };
  });
  requireDistinct(targets);
  return targets;
}

function readRenames(
  catalogue: Catalogue,
  rename: RestoreRequest['rename'],
  chosen: readonly CollectionName[],
): Map<string, CollectionName> {
  const renamed = new Map<string, CollectionName>();
  for (const [old, name] of Object.entries(rename)) {
    const meant = resolveName(catalogue, old).filter((one) => chosen.some((c) => nameId(c) === nameId(one)));
    const [source] = meant;
    if (source === undefined) {
      throw fail('COLLECTION_NOT_FOUND', {
        what: 'The collection to be renamed is not among those that are restored',
        expected: `one of ${chosen.map(fullName).join(', ')}`,
        got: JSON.stringify(old),
      });
    }
    if (meant.length > 1) {
      throw fail('NAME_INVALID', {
        what: 'The collection to be renamed may be one of several',
        expected: 'a name of one collection',
        got: `${JSON.stringify(old)}, which is ${meant.map((one) => `${one.database} / ${one.collection}`).join(' or ')}`,
      });
    }
    renamed.set(nameId(source), parseNewName(name, source.database));
  }
  return renamed;
}

function requireDistinct(targets: readonly Target[]): void {
  const sources = new Map<string, string>();
  for (const { from, to } of targets) {
    const other = sources.get(nameId(to));
    if (other !== undefined) {
      throw fail('TARGET_EXISTS', {
        what: `Two collections would be restored as ${fullName(to)}`,
        expected: 'a name of its own for each collection',
        got: `${other} and ${fullName(from)}`,
        next: 'Give one of them another name with the rename option',
      });
    }
    sources.set(nameId(to), fullName(from));
  }
}

/** The indexes of the chosen collections, less the partitions that were not asked for. */
export async function readIndexes(
  repository: Repository,
  manifest: Manifest,
  targets: readonly Target[],
  partitions: readonly string[],
): Promise<{ readonly chosen: readonly { target: Target; index: CollectionIndex }[]; readonly warnings: Warning[] }> {
  const all: { target: Target; index: CollectionIndex }[] = [];
  for (const target of targets) {
    all.push({ target, index: await repository.index(manifest, target.from.database, target.from.collection) });
  }
  if (partitions.length === 0) return { chosen: all, warnings: [] };
  const indexes = all.map((one) => one.index);
  for (const partition of partitions) requirePartition(partition, indexes);
  const trimmed = all.map((one) => ({ ...one, index: onlyPartitions(one.index, partitions) }));
  return {
    chosen: trimmed.filter((one) => one.index.definition.partitions.length > 0),
    warnings: trimmed
      .filter((one) => one.index.definition.partitions.length === 0)
      .map((one) => warning('COLLECTION_LEFT_OUT', one.target.from)),
  };
}

function requirePartition(partition: string, indexes: readonly CollectionIndex[]): void {
  const keyed = indexes.find((index) => index.definition.partitionKeyMode);
  if (keyed !== undefined) {
    throw fail('OPTION_UNSUPPORTED', {
      what: `${fullName(keyed.definition)} has a partition key, so its rows are restored as a whole`,
      expected: 'no partitions, or collections without a partition key',
      got: `partition ${partition}`,
    });
  }
  const known = new Set(indexes.flatMap((index) => index.definition.partitions.map((one) => one.name)));
  if (known.has(partition)) return;
  throw fail('PARTITION_NOT_FOUND', {
    what: 'No collection that is restored has this partition',
    expected: `one of ${[...known].join(', ')}`,
    got: JSON.stringify(partition),
  });
}

export function onlyPartitions(index: CollectionIndex, partitions: readonly string[]): CollectionIndex {
  const chunks = index.chunks.filter((chunk) => partitions.includes(chunk.partition));
  const segments = index.segments?.list.filter((segment) => partitions.includes(segment.partition));
  return {
    ...index,
    ...(index.segments === undefined || segments === undefined
      ? {}
      : { segments: { ...index.segments, list: segments } }),
    definition: {
      ...index.definition,
      partitions: index.definition.partitions.filter((one) => partitions.includes(one.name)),
    },
    rows: chunks.reduce((sum, chunk) => sum + chunk.rows, 0) + (segments ?? []).reduce((sum, one) => sum + one.live, 0),
    contentSum: addContentSums(...chunks.map((chunk) => chunk.contentSum)),
    chunks,
  };
}
