import type { Service } from '@milvault/jobs';
import { toMilvaultError, type Progress, type Run } from '@milvault/shared';
import { problemOf } from '../plugins/errors.ts';
import type { SentEvent } from './sse.ts';

interface Watched {
  newest: Progress | null;
  end: { readonly run: Run } | { readonly thrown: unknown } | null;
  wake(): void;
}

/**
 * One run until its end: `progress` with the newest state (a slow caller misses those in between), then `run`.
 * `error` with a problem where the waiting itself failed.
 */
export async function* runEvents(
  service: Service,
  id: string,
  instance: string,
  signal: AbortSignal,
): AsyncGenerator<SentEvent> {
  const watched: Watched = { newest: null, end: null, wake: () => undefined };
  void watch(service, id, signal, watched);
  while (watched.newest !== null || watched.end === null) {
    if (watched.newest === null) await new Promise<void>((resolve) => (watched.wake = resolve));
    const { newest } = watched;
    watched.newest = null;
    if (newest !== null) yield { event: 'progress', data: newest };
  }
  if (signal.aborted) return;
  if ('run' in watched.end) yield { event: 'run', data: watched.end.run };
  else yield { event: 'error', data: problemOf(toMilvaultError(watched.end.thrown), instance) };
}

/** Never rejects: whatever comes is kept in `watched` for the one who reads it. */
async function watch(service: Service, id: string, signal: AbortSignal, watched: Watched): Promise<void> {
  const noteProgress = (progress: Progress): void => {
    watched.newest = progress;
    watched.wake();
  };
  try {
    watched.end = { run: await service.wait(id, signal, noteProgress) };
  } catch (thrown) {
    watched.end = { thrown };
  }
  watched.wake();
}
