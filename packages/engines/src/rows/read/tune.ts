/**
 * How reads are cut and how many go on at once. What is best depends on the server, its load and the rows, and differs
 * tenfold (design section 4), so it is found while reading: a hill climb over page size and number of streams, by the
 * throughput of the pages that come in.
 */
export interface Setting {
  readonly streams: number;
  readonly pageBytes: number;
}

export interface TuneLimits {
  readonly start: Setting;
  readonly maxStreams: number;
  readonly minPageBytes: number;
  readonly maxPageBytes: number;
  /** streams x pageBytes never goes beyond this. */
  readonly maxBytes: number;
}

export interface Tuner {
  readonly setting: Setting;
  /** A page of `bytes` has come in at `now`, monotonic milliseconds. */
  note(bytes: number, now: number): void;
  /** The server refused a page of about `bytes`: from here on pages stay well below. */
  tooLarge(bytes: number): void;
}

const MIB = 1024 * 1024;

export const MILVUS_LIMITS: TuneLimits = {
  start: { streams: 4, pageBytes: 5 * MIB },
  maxStreams: 8,
  minPageBytes: MIB,
  maxPageBytes: 16 * MIB,
  maxBytes: 64 * MIB,
};

/** Milvus Lite scans the whole collection for every query: one large read after the other, and nothing to tune. */
export const LITE_LIMITS: TuneLimits = {
  start: { streams: 1, pageBytes: 64 * MIB },
  maxStreams: 1,
  minPageBytes: 64 * MIB,
  maxPageBytes: 64 * MIB,
  maxBytes: 64 * MIB,
};

/** A change is kept only when it is better by this much: less is noise. */
const GAIN = 1.08;
/** A window is measured over at least so many pages a stream, and so long. */
const WINDOW_PAGES = 2;
const WINDOW_MS = 400;
/** Windows at the best known setting between two tries, once every direction was tried in vain. */
const REST_WINDOWS = 8;

type Step = (setting: Setting) => Setting;

const STEPS: readonly Step[] = [
  (s) => ({ ...s, pageBytes: s.pageBytes * 2 }),
  (s) => ({ ...s, streams: s.streams + 1 }),
  (s) => ({ ...s, pageBytes: s.pageBytes / 2 }),
  (s) => ({ ...s, streams: s.streams - 1 }),
];

interface Window {
  pages: number;
  bytes: number;
  since: number | null;
  /** Pages still to come that were asked for under the setting before. */
  stale: number;
}

const openWindow = (stale: number): Window => ({ pages: 0, bytes: 0, since: null, stale });

export function createTuner(limits: TuneLimits): Tuner {
  let cap = limits.maxPageBytes;
  let best = { setting: limits.start, rate: 0 };
  let setting = limits.start;
  let direction = 0;
  let failures = 0;
  let rest = 0;
  let window = openWindow(0);

  const allowed = ({ streams, pageBytes }: Setting): boolean =>
    streams >= 1 &&
    streams <= limits.maxStreams &&
    pageBytes >= Math.min(limits.minPageBytes, cap) &&
    pageBytes <= cap &&
    streams * pageBytes <= limits.maxBytes;

  /** The next untried neighbour of the best setting, or the best itself when there is none or it is time to rest. */
  const propose = (): Setting => {
    if (rest > 0) {
      rest -= 1;
      return best.setting;
    }
    for (; failures < STEPS.length; failures++, direction = (direction + 1) % STEPS.length) {
      const candidate = STEPS[direction]?.(best.setting) ?? best.setting;
      if (allowed(candidate)) return candidate;
    }
    failures = 0;
    rest = REST_WINDOWS;
    return best.setting;
  };

  const judge = (rate: number): void => {
    if (setting === best.setting) {
      best = { setting, rate };
    } else if (rate > best.rate * GAIN) {
      best = { setting, rate };
      failures = 0;
    } else {
      failures += 1;
      direction = (direction + 1) % STEPS.length;
    }
    const before = setting;
    // A failed try is followed by a window at the best setting, so that it is compared with the load of now.
    setting = setting === best.setting ? propose() : best.setting;
    window = openWindow(before === setting ? 0 : before.streams);
  };

  return {
    get setting() {
      return setting;
    },
    note(bytes, now) {
      if (window.stale > 0) {
        window.stale -= 1;
        return;
      }
      if (window.since === null) {
        window.since = now;
        return;
      }
      window.pages += 1;
      window.bytes += bytes;
      const elapsed = now - window.since;
      if (window.pages >= WINDOW_PAGES * setting.streams && elapsed >= WINDOW_MS) judge(window.bytes / elapsed);
    },
    tooLarge(bytes) {
      cap = Math.max(1, Math.min(cap, Math.floor(bytes / 2)));
      const within = (one: Setting): Setting => ({ ...one, pageBytes: Math.min(one.pageBytes, cap) });
      best = { ...best, setting: within(best.setting) };
      setting = best.setting;
      window = openWindow(setting.streams);
    },
  };
}
