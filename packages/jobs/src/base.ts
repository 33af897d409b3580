import { isGood } from '@milvault/repository';
import { chainOf, type Backup, type ChainLimits, type EngineKind } from '@milvault/shared';

export interface BaseRequest {
  readonly sourceId: string;
  readonly engine: EngineKind;
  readonly collections: readonly string[];
  /** `last`: the newest usable backup; `full`: the newest usable full, so that each incremental needs but one other. */
  readonly from: 'last' | 'full';
  readonly chain: ChainLimits;
  readonly now: number;
  /** Ids of backups that somebody began to delete. One that died at it leaves them listed until the next clean-up. */
  readonly leaving: ReadonlySet<string>;
}

export interface ChosenBase {
  readonly base: Backup | null;
  /** Why there is none, for people; null where there is one or none was wanted. */
  readonly whyFull: string | null;
}

const DAY = 24 * 60 * 60 * 1000;

/**
 * The backup that an incremental borrows from: of the same source and engine, found sound by every check, and within the
 * limits of a chain; of those the ones that hold the most of the collections that are asked for, and of these the
 * newest. A pure function of what the repository lists.
 */
export function chooseBase(backups: readonly Backup[], request: BaseRequest): ChosenBase {
  const own = backups.filter(({ source, engine }) => source.id === request.sourceId && engine === request.engine);
  if (own.length === 0) return none('there is no backup of this source by this engine yet');
  const holding = own.filter((one) => share(one, request.collections) > 0);
  if (holding.length === 0) return none('no backup holds these collections');
  const good = holding.filter(({ proofs }) => isGood(proofs));
  if (good.length === 0) return none('a check found every backup of these collections damaged');
  const staying = good.filter(({ id }) => !request.leaving.has(id));
  if (staying.length === 0) return none('every backup of these collections is being deleted');
  const most = Math.max(...staying.map((one) => share(one, request.collections)));
  const candidates = staying
    .filter((one) => share(one, request.collections) === most)
    .filter(({ type }) => request.from === 'last' || type === 'full')
    .sort((a, b) => b.committedAt - a.committedAt || (a.id < b.id ? 1 : -1));
  const [newest] = candidates;
  if (newest === undefined) return none('there is no full backup of these collections');
  const limit = limitReached(newest, backups, request);
  return limit === null ? { base: newest, whyFull: null } : none(limit);
}

const none = (whyFull: string): ChosenBase => ({ base: null, whyFull });

/** How many of the asked collections a backup holds. A pattern that names none exactly counts what it matches. */
function share({ collections }: Backup, patterns: readonly string[]): number {
  return collections.filter((one) => patterns.some((pattern) => means(pattern, one))).length;
}

function means(pattern: string, { database, collection }: Backup['collections'][number]): boolean {
  if (pattern === '*' || pattern === `${database}.*` || pattern === `${database}.${collection}`) return true;
  return database === 'default' && pattern === collection;
}

/** A chain that is too long or too old: one damaged file in it would take many points, and old rows are never let go. */
function limitReached(base: Backup, backups: readonly Backup[], { chain, now }: BaseRequest): string | null {
  const links = chainOf(base, backups);
  if (links.length - 1 >= chain.links)
    return `the chain has ${links.length - 1} incrementals, and ${chain.links} are allowed`;
  const first = links.at(-1) ?? base;
  const days = (now - first.committedAt) / DAY;
  return days > chain.days ? `the chain began ${Math.floor(days)} days ago, and ${chain.days} are allowed` : null;
}
