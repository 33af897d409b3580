/** Ends with the caller's signal or after `timeoutMs`, whichever comes first. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Throws the caller's reason where the caller stopped us; returns whether the time is over. */
  passed(): boolean;
}

export function deadline(signal: AbortSignal, timeoutMs: number): Deadline {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  return {
    signal: AbortSignal.any([signal, timeout]),
    passed: () => {
      signal.throwIfAborted();
      return timeout.aborted;
    },
  };
}
