import type { QueryClient } from '@tanstack/react-query';
import type { Progress, Run } from '@milvault/shared';
import { useSyncExternalStore } from 'react';
import { pause } from '../clock.ts';
import { get, type List } from './client.ts';

/** What each event makes stale, by the first words of the keys in `queries.ts`. */
const STALE: Readonly<Record<string, readonly string[]>> = {
  'run.changed': ['runs', 'run', 'overview', 'plans', 'backups', 'backup'],
  'backup.committed': ['backups', 'backup', 'overview', 'plans', 'repositories'],
  'backup.changed': ['backups', 'backup', 'overview', 'plans', 'repositories'],
  'incident.opened': ['overview', 'incidents'],
  'incident.recovered': ['overview', 'incidents'],
  'worker.up': ['overview', 'workers'],
  'worker.down': ['overview', 'workers'],
  'plans.changed': ['overview', 'plans'],
};
/** Events come in bursts; what they make stale is read once for all of them. */
const GATHER_MS = 400;
const AGAIN_MS = 3_000;

export type LiveState = 'live' | 'waiting';

let state: LiveState = 'waiting';
const watchers = new Set<() => void>();
const become = (next: LiveState): void => {
  state = next;
  for (const tell of watchers) tell();
};
const subscribe = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

/** Whether what is shown follows what happens. */
export const useLive = (): LiveState => useSyncExternalStore(subscribe, () => state);

/** Keeps the cache equal to what happens, until the page is closed. Whatever was missed is read anew. */
export function followEvents(client: QueryClient): void {
  const stale = createGatherer(client);
  let interrupted = false;
  const connect = (): void => {
    const source = new EventSource('/api/v1/events');
    source.addEventListener('open', () => {
      become('live');
      if (interrupted) void client.invalidateQueries();
      interrupted = false;
    });
    source.addEventListener('error', () => {
      become('waiting');
      interrupted = true;
      // A browser tries again by itself after a lost line, and not after a refusal.
      if (source.readyState === EventSource.CLOSED) void again(connect);
    });
    for (const [type, keys] of Object.entries(STALE)) source.addEventListener(type, () => stale(keys));
    source.addEventListener('run.progress', (event) => {
      // Of the API's own making (docs/api.md, "Live events").
      const { run, progress } = JSON.parse(String(event.data)) as { run: string; progress: Progress };
      showProgress(client, run, progress);
    });
  };
  connect();
}

async function again(connect: () => void): Promise<void> {
  await pause(AGAIN_MS);
  // Tells whether the session is over, and then leaves for the login.
  await get('/version').catch(() => undefined);
  connect();
}

function createGatherer(client: QueryClient): (keys: readonly string[]) => void {
  const gathered = new Set<string>();
  return (keys) => {
    const first = gathered.size === 0;
    for (const key of keys) gathered.add(key);
    if (!first) return;
    void pause(GATHER_MS).then(() => {
      const now = new Set(gathered);
      gathered.clear();
      void client.invalidateQueries({ predicate: ({ queryKey: [word] }) => now.has(String(word)) });
    });
  };
}

function showProgress(client: QueryClient, id: string, progress: Progress): void {
  const told = (run: Run): Run => (run.id === id && run.endedAt === null ? { ...run, progress } : run);
  client.setQueryData<Run>(['run', id], (run) => (run === undefined ? run : told(run)));
  client.setQueriesData<List<Run>>({ queryKey: ['runs'] }, (list) =>
    list === undefined ? list : { ...list, rows: list.rows.map(told) },
  );
}
