import {
  addContentSums,
  type ChunkEntry,
  type CollectionIndex,
  type Manifest,
  type Repository,
} from '@milvault/repository';
import { fail, type Damage } from '@milvault/shared';
import { fullName, type CollectionName } from '../names.ts';
import type { Target } from './targets.ts';

const SHOWN = 5;

/**
 * Reads every stored byte before the target is touched: a restore that stops in the middle for a damaged file has cost
 * the target's time and the person's trust. Gives the damages of what is to be restored: none, unless what is left of it
 * was asked for. BACKUP_DAMAGED, also where nobody knows what is left; REPO_READ_FAILED where not all could be read.
 */
export async function requireSound(
  repository: Repository,
  manifest: Manifest,
  targets: readonly Target[],
  salvage: boolean,
  signal: AbortSignal,
): Promise<readonly Damage[]> {
  const report = await repository.verify(manifest.backupId, { level: 2, signal });
  const concerned = report.damages.filter((damage) => concerns(damage, targets));
  const known = concerned.every(({ collection }) => collection !== undefined);
  if (concerned.length > 0 && !(salvage && known)) throw damaged(manifest, concerned);
  if (report.unread === undefined) return concerned;
  throw fail('REPO_READ_FAILED', {
    what: `Not everything of backup ${manifest.name} could be read, so nothing is restored`,
  });
}

const concerns = (damage: Damage, targets: readonly Target[]): boolean =>
  damage.collection === undefined || targets.some(({ from }) => isOf(damage, from));

export const isOf = (damage: Damage, { database, collection }: CollectionName): boolean =>
  damage.database === database && damage.collection === collection;

const damaged = (manifest: Manifest, damages: readonly Damage[]): Error =>
  fail('BACKUP_DAMAGED', {
    what: `Backup ${manifest.name} is damaged in ${damages.length} place(s), so nothing was restored: ${damages
      .slice(0, SHOWN)
      .map((damage) => damage.message)
      .join('; ')}`,
    details: {
      backup: manifest.backupId,
      damages: damages.map((damage) => ({
        ...damage,
        ...(damage.collection === undefined
          ? {}
          : { name: fullName({ database: damage.database ?? '', collection: damage.collection }) }),
      })),
    },
  });

/** The collections whose index is damaged: all of their rows are lost. */
export const lostWhole = (manifest: Manifest, damages: readonly Damage[]): readonly Damage[] =>
  manifest.collections.flatMap(({ indexKey }) => damages.find(({ object }) => object === indexKey) ?? []);

export interface Salvaged {
  /** Less the chunks or segments that are damaged. */
  readonly index: CollectionIndex;
  /** One for each of them, with its rows. */
  readonly lost: readonly Damage[];
}

/** A deletion vector that cannot be read leaves nobody to say which rows of its chunk are there: the chunk is lost. */
export function salvaged(index: CollectionIndex, damages: readonly Damage[]): Salvaged {
  const lost: Damage[] = [];
  const isSound = (damage: Damage | undefined, rows: number): boolean => {
    if (damage !== undefined) lost.push({ ...damage, rows });
    return damage === undefined;
  };
  const chunks = index.chunks.filter((chunk) =>
    isSound(
      damages.find((damage) => isOfChunk(damage, chunk)),
      chunk.rows,
    ),
  );
  const segments = index.segments?.list.filter((segment) =>
    isSound(
      damages.find(({ object }) => segment.files.some(({ key }) => key === object)),
      segment.live,
    ),
  );
  if (lost.length === 0) return { index, lost };
  const left = {
    ...index,
    chunks,
    rows: chunks.reduce((sum, chunk) => sum + chunk.rows, 0) + (segments ?? []).reduce((sum, one) => sum + one.live, 0),
    contentSum: addContentSums(...chunks.map((chunk) => chunk.contentSum)),
    ...(index.segments === undefined || segments === undefined
      ? {}
      : { segments: { ...index.segments, list: segments } }),
  };
  return { index: left, lost };
}

/** Vectors of several chunks lie in one object. */
const isOfChunk = ({ object, partition, keyMin, keyMax }: Damage, chunk: ChunkEntry): boolean =>
  object === chunk.key ||
  (object === chunk.deletions?.key &&
    partition === chunk.partition &&
    keyMin === chunk.keyMin &&
    keyMax === chunk.keyMax);
