import { useSyncExternalStore } from 'react';

/** The page's only clock: all else takes the time from here. */
export const now = (): number => Date.now();

/** Resolves after `ms`. */
export const pause = (ms: number): Promise<void> => new Promise((done) => void setTimeout(done, ms));

const EVERY_MS = 5_000;
const watchers = new Set<() => void>();
let shown = now();
let timer: ReturnType<typeof setInterval> | null = null;

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    shown = now();
    for (const tell of watchers) tell();
  }, EVERY_MS);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** The time, good to some seconds; whoever shows it is drawn anew as it goes on. One timer for the whole page. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => shown);
