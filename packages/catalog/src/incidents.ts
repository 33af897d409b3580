import type { EventLog } from './events.ts';
import { KEPT_MS, keyOf, parse, script, type Store } from './store.ts';

/** One problem, from its first sign to its recovery. */
export interface Incident {
  readonly incident: string;
  readonly title: string;
  readonly openedAt: number;
  /** Newest sign of it. */
  readonly seenAt: number;
  readonly closedAt: number | null;
  /** Things told of it. */
  readonly told: number;
  /** What people were told of it, to be told again. Absent where only its title is known. */
  readonly about?: IncidentAbout;
}

export interface IncidentAbout {
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly next: string;
}

export interface IncidentFilter {
  readonly open?: boolean;
  readonly limit: number;
  readonly offset: number;
}

export interface Incidents {
  /** The open incident of this name, made now where there is none. */
  open(incident: string, title: string, at: number, about?: IncidentAbout): Promise<Incident>;
  current(incident: string): Promise<Incident | null>;
  /** Ends it. Fine where none is open. What happened before `at` does not open it again. */
  close(incident: string, at: number): Promise<void>;
  /** When it was last well; 0 where that is not known. */
  lastWell(incident: string): Promise<number>;
  wasTold(key: string): Promise<boolean>;
  /** Notes that an alert was handed over for delivery, so that it is never told again. */
  told(key: string, incident: string): Promise<void>;
  list(filter: IncidentFilter): Promise<{ incidents: Incident[]; total: number }>;
  openCount(): Promise<number>;
}

/** Writes over an open incident, and never over one that was closed meanwhile. */
const UPDATE = `
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
return 1`;

/**
 * What was told is counted beside the records, not in them: of several processes that see one problem, one may write the
 * record anew from what it read before another one told. KEYS: the mark of what is told, the open ones, the counts.
 */
const TOLD = `
if not redis.call('SET', KEYS[1], 1, 'PX', ARGV[2], 'NX') then return 0 end
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then redis.call('HINCRBY', KEYS[3], ARGV[1], 1) end
return 1`;

/** The record and the count of an open incident. KEYS: the open ones, the counts. */
const LOOK = `return {redis.call('HGET', KEYS[1], ARGV[1]), redis.call('HGET', KEYS[2], ARGV[1])}`;

/** The same, for the last time. */
const TAKE = `
local known = {redis.call('HGET', KEYS[1], ARGV[1]), redis.call('HGET', KEYS[2], ARGV[1])}
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return known`;

export function createIncidents(store: Store, events: EventLog): Incidents {
  const { redis } = store;
  const openKey = keyOf(store, 'incidents', 'open');
  const countsKey = keyOf(store, 'incidents', 'told');
  const closedKey = keyOf(store, 'incidents', 'closed');
  const wellKey = (incident: string): string => keyOf(store, 'well', incident);
  const toldKey = (key: string): string => keyOf(store, 'told', key);

  const ask = async (how: string, incident: string): Promise<Incident | null> => {
    // What both scripts give, in this order.
    const [text, told] = (await script(redis, how, [openKey, countsKey], [incident])) as (string | null)[];
    return text === null || text === undefined ? null : withCount(text, told);
  };
  const current = (incident: string): Promise<Incident | null> => ask(LOOK, incident);
  const update = (changed: Incident): Promise<unknown> =>
    script(redis, UPDATE, [openKey], [changed.incident, JSON.stringify({ ...changed, told: 0 })]);
  const allOpen = async (): Promise<Incident[]> => {
    const [opened, counts] = await Promise.all([redis.hgetall(openKey), redis.hgetall(countsKey)]);
    return Object.entries(opened)
      .map(([incident, text]) => withCount(text, counts[incident]))
      .sort((a, b) => b.openedAt - a.openedAt);
  };

  return {
    current,
    open: async (incident, title, at, about) => {
      const said = about === undefined ? {} : { about };
      const fresh: Incident = { incident, title, openedAt: at, seenAt: at, closedAt: null, told: 0, ...said };
      if ((await redis.hsetnx(openKey, incident, JSON.stringify(fresh))) === 1) {
        await events.emit('incident.opened', { incident, title });
        return fresh;
      }
      const known = (await current(incident)) ?? fresh;
      const seen = { ...known, ...said, title, seenAt: Math.max(at, known.seenAt) };
      await update(seen);
      return seen;
    },
    close: async (incident, at) => {
      await redis.set(wellKey(incident), at, 'PX', KEPT_MS);
      // Of several that close it, the one that removes it tells.
      const known = await ask(TAKE, incident);
      if (known === null) return;
      await redis
        .multi()
        .zadd(closedKey, at, JSON.stringify({ ...known, closedAt: at }))
        .zremrangebyscore(closedKey, '-inf', at - KEPT_MS)
        .exec();
      await events.emit('incident.recovered', { incident, title: known.title });
    },
    lastWell: async (incident) => Number((await redis.get(wellKey(incident))) ?? 0),
    wasTold: async (key) => (await redis.exists(toldKey(key))) === 1,
    told: async (key, incident) => {
      await script(redis, TOLD, [toldKey(key), openKey, countsKey], [incident, KEPT_MS]);
    },
    list: async ({ open, limit, offset }) => {
      const opened = open === false ? [] : await allOpen();
      const closed =
        open === true ? [] : (await redis.zrevrange(closedKey, 0, -1)).map((text) => parse<Incident>(text));
      const all = [...opened, ...closed];
      return { incidents: all.slice(offset, offset + limit), total: all.length };
    },
    openCount: () => redis.hlen(openKey),
  };
}

const withCount = (text: string, told: string | null | undefined): Incident => ({
  ...parse<Incident>(text),
  told: Number(told ?? 0),
});
