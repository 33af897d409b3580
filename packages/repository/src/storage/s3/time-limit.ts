/** A time limit that can be set anew while the work goes on: the size of an answer is known only once it begins. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  set(ms: number): void;
}

export function timeLimit(ms: number): TimeLimit {
  const stop = new AbortController();
  let current: AbortSignal;
  const set = (next: number): void => {
    const timeout = AbortSignal.timeout(next);
    current = timeout;
    timeout.addEventListener('abort', () => {
      if (current === timeout) stop.abort();
    });
  };
  set(ms);
  return { signal: stop.signal, set };
}
