/** A time limit that can be set anew while the work goes on: the size of an answer is known only once it begins. */
export interface TimeLimit {
  /** Aborted when the time is over, or the outer signal is aborted. */
  readonly signal: AbortSignal;
  set(ms: number): void;
  /** Lets go of the outer signal, which lives longer than one call. */
  end(): void;
}

export function timeLimit(ms: number, outer: AbortSignal | undefined): TimeLimit {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  let current: AbortSignal;
  const set = (next: number): void => {
    const timeout = AbortSignal.timeout(next);
    current = timeout;
    timeout.addEventListener('abort', () => {
      if (current === timeout) abort();
    });
  };
  set(ms);
  outer?.addEventListener('abort', abort, { once: true });
  return { signal: stop.signal, set, end: () => outer?.removeEventListener('abort', abort) };
}
