/** The terminal sends Ctrl-C to npm and to us, and npm sends it on to us: what comes so soon after is the same one. */
const SAME_SIGNAL_MS = 1000;

/** Aborts at the first Ctrl-C or SIGTERM. A second one ends this process at once, and its guards what it started. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  let first = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted && performance.now() - first > SAME_SIGNAL_MS) process.exit(130);
      if (stop.signal.aborted) return;
      first = performance.now();
      stop.abort(new Error(`stopped by ${name}`));
    });
  }
  return stop.signal;
}

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((settle) => {
    if (signal.aborted) settle();
    signal.addEventListener('abort', () => {
      settle();
    });
  });
