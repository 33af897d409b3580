/** How patient we are with a store. Every call ends: with an answer, a fault, or because its time is over. */
export interface StoreLimits {
  readonly connectMs: number;
  /** Longest silence on a connection. */
  readonly idleMs: number;
  /** One try may take this long, and beside it as long as its bytes need at `slowestBytesPerSecond`. */
  readonly callMs: number;
  readonly slowestBytesPerSecond: number;
  /** Tries in all, with pauses that double from the first to the longest, each at least half of that. */
  readonly tries: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

/** In sum a little over a minute of pauses: a store that restarts, or sheds load, is back by then. */
export const STORE_LIMITS: StoreLimits = {
  connectMs: 10_000,
  idleMs: 30_000,
  callMs: 60_000,
  slowestBytesPerSecond: 128 * 1024,
  tries: 8,
  firstPauseMs: 250,
  longestPauseMs: 20_000,
};

/** Longest time of one try that carries `bytes` in either direction. */
export const tryMs = (limits: StoreLimits, bytes: number): number =>
  limits.callMs + Math.ceil((bytes / limits.slowestBytesPerSecond) * 1000);
