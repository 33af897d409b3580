import { useSyncExternalStore } from 'react';

/** The page's only clock: all else takes the time from here. */
export const now = (): number => Date.now();

/** Resolves after `ms`. */
export const pause = (ms: number): Promise<void> => new Promise((done) => void setTimeout(done, ms));

const EVERY_MS = 5_000;
const watchers = new Set<() => void>();
let shown = now();
let timer: ReturnType<typeof setInterval> | null = null;

const turn = (): void => {
  shown = now();
  for (const tell of watchers) tell();
};

/** Nobody watched before, so what was shown last may be of long ago. */
function started(): ReturnType<typeof setInterval> {
  turn();
  return setInterval(turn, EVERY_MS);
}

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= started();
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** The time, good to some seconds; whoever shows it is drawn anew as it goes on. One timer for the whole page. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => shown);

/** Does something after `ms`, unless the answer is called before. */
export function after(ms: number, act: () => void): () => void {
  const due = setTimeout(act, ms);
  return () => clearTimeout(due);
}
