import type { CollectionIndex, ObjectReader } from '@milvault/repository';
import type { CollectionDefinition } from '@milvault/shared';
import type { EngineContext, EngineSource } from '../../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from '../../rows/at-once.ts';
import type { Session } from '../../rows/connect.ts';
import { fullName } from '../../rows/names.ts';
import { countedRows, rowsInFiles } from './counted.ts';
import { isExact, lookAt, requireOwn, type Look } from './look.ts';
import { wholeMoment } from './moment.ts';
import { bringsOwed } from './owed.ts';

export interface Looker {
  readonly session: Session;
  readonly source: EngineSource;
  readonly storage: ObjectReader;
  readonly context: EngineContext;
}

/** A collection, and its index in the base where something of it can be borrowed. */
export interface Wanted {
  readonly definition: CollectionDefinition;
  readonly lent: CollectionIndex | null;
}

/** A collection as it was seen last. */
export interface StillLook<W extends Wanted = Wanted> {
  readonly wanted: W;
  readonly look: Look;
  /** Why that may not be exactly what the server held at the moment; null where it is. */
  readonly doubt: string | null;
}

export interface Looks<W extends Wanted> {
  /** The moment of the backup by Milvus's clock, the same for all collections; null where the server does not tell it. */
  readonly upTo: string | null;
  /** In the order of the collections. */
  readonly looks: readonly StillLook<W>[];
}

/** A merge of segments takes seconds, and Milvus begins one at most now and then. */
const LOOKS = 6;
/** Deletions that wait for a merge are written when it is over: after the first look, doubled each time, half a minute in all. */
const PAUSE_MS = 1000;

const NO_MOMENT = 'the server does not tell a moment by its clock';
const MERGED = 'segments were merged while they were listed; rows that were deleted shortly before may be in it';

/**
 * Looks at the segments, takes a moment, flushes, looks, and flushes and looks once more: what is in the last look and not
 * later than the moment is what the server held then. A flush of Milvus 2.3.5 may say that all is flushed while deletions
 * are not: those that wait for segments that are being merged. So where segments were merged meanwhile, where the second
 * flush brought something that the first one owed, and where the server counts as many rows before as after, and its files
 * hold another number of them, all of it begins again with another moment. STORAGE_FOREIGN before anything is written.
 */
export async function lookUntilStill<W extends Wanted>(looker: Looker, wanted: readonly W[]): Promise<Looks<W>> {
  const { session, source, storage, context } = looker;
  const { signal, clock, logger } = context;
  const countAll = (): Promise<(number | null)[]> =>
    mapAtOnce(wanted, CALLS_AT_ONCE, ({ definition }) => countedRows(session, definition, context));
  const lookAtAll = (): Promise<Look[]> =>
    mapAtOnce(wanted, CALLS_AT_ONCE, ({ definition }) => lookAt(session, storage, definition, signal));
  let [before, counts] = await Promise.all([lookAtAll(), countAll()]);
  requireOwn(source, storage, before);
  for (let turn = 1; ; turn++) {
    if (turn > 1) counts = await countAll();
    const upTo = await wholeMoment(session.client, clock, signal);
    const looks = await mapAtOnce(wanted, CALLS_AT_ONCE, (one, place) =>
      lookTwice(looker, one, { upTo, look: before[place] ?? null, counted: counts[place] ?? null }),
    );
    before = looks.map(({ look }) => look);
    requireOwn(source, storage, before);
    const names = looks.filter(({ doubt }) => doubt !== null).map((one) => fullName(one.wanted.definition));
    if (upTo === null || names.length === 0 || turn >= LOOKS) return { upTo, looks };
    logger.info(`Milvus is not done with what it was told of ${names.join(', ')}: it is looked at again`);
    if (looks.some(({ doubt }) => doubt !== null && doubt !== MERGED)) {
      await clock.sleep(PAUSE_MS * 2 ** (turn - 1), signal);
    }
  }
}

/** What was known before the flushes. */
interface Before {
  readonly upTo: string | null;
  readonly look: Look | null;
  readonly counted: number | null;
}

async function lookTwice<W extends Wanted>(looker: Looker, wanted: W, before: Before): Promise<StillLook<W>> {
  const { session, storage, context } = looker;
  const { definition } = wanted;
  const { upTo, counted } = before;
  const flushAndSee = async (): Promise<Look> => {
    await session.client.flush(definition, context.signal);
    return lookAt(session, storage, definition, context.signal);
  };
  // Counted after the moment: that is all that a number from before it is compared with.
  const counting = counted === null ? Promise.resolve(null) : countedRows(session, definition, context);
  const [once, again] = await Promise.all([flushAndSee(), counting]);
  const look = await flushAndSee();
  if (upTo === null) return { wanted, look, doubt: NO_MOMENT };
  const owed = !isExact(before.look ?? once, look) || (await bringsOwed(storage, once, look, upTo));
  if (owed) return { wanted, look, doubt: MERGED };
  // Only where nothing seems to have been written meanwhile can the number be compared with that of the files.
  const still = counted !== null && counted === again ? counted : null;
  return { wanted, look, doubt: still === null ? null : await miscounted(looker, wanted, { upTo, still }, look) };
}

async function miscounted(
  { storage }: Looker,
  { definition, lent }: Wanted,
  { upTo, still }: { readonly upTo: string | null; readonly still: number },
  look: Look,
): Promise<string | null> {
  const filed = await rowsInFiles(storage, { definition, upTo, lent }, look);
  if (filed === still) return null;
  const held = filed === null ? 'are not all written' : `hold ${filed}`;
  return `Milvus counts ${still} rows, and its files ${held}: rows that were deleted may be in it, or Milvus counts wrongly until the collection is loaded anew`;
}
