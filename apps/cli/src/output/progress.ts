import { formatBytes, formatCount, formatDuration, type Clock, type Progress } from '@milvault/shared';
import { CLEAR_LINE, type Terminal } from '../terminal.ts';

const BAR = 24;
/** A person sees no more than this; a slow terminal should not slow a backup. */
const REDRAW_MS = 100;
const TICK_MS = 250;

/** `backup  [██████░░░░]  52 %  1,664 of 3,201 rows  1.2 MB  3.1 MB/s  2.0 s`, cut to the width of the terminal. */
export function progressLine(title: string, progress: Progress, elapsedMs: number, columns: number): string {
  const share = progress.rowsTotal > 0 ? Math.min(1, progress.rows / progress.rowsTotal) : 0;
  const full = Math.floor(share * BAR);
  const known = progress.rowsTotal > 0;
  const parts = [
    `${title}: ${progress.phase}`,
    ...(known
      ? [`[${'█'.repeat(full)}${'░'.repeat(BAR - full)}]`, `${String(Math.floor(share * 100)).padStart(3)} %`]
      : []),
    ...(known ? [`${formatCount(progress.rows)} of ${formatCount(progress.rowsTotal)} rows`] : []),
    ...(progress.bytes > 0 ? [formatBytes(progress.bytes)] : []),
    ...(progress.bytes > 0 && elapsedMs >= 1000 ? [`${formatBytes(progress.bytes / (elapsedMs / 1000))}/s`] : []),
    formatDuration(elapsedMs),
  ];
  // One column stays free: a full line would wrap and could not be drawn over.
  return parts.join('  ').slice(0, Math.max(0, columns - 1));
}

/** What is drawn while a run goes on. Silent where standard error is not a terminal. */
export interface ProgressView {
  show(progress: Progress): void;
  /** Takes the bar away, so that the answer stands alone. Fine to repeat. */
  close(): void;
}

export function progressView(title: string, terminal: Terminal, clock: Clock): ProgressView {
  if (!terminal.live) return { show: () => undefined, close: () => undefined };
  const startedAt = clock.monotonic();
  const closed = new AbortController();
  let last: Progress | null = null;
  let drawnAt = Number.NEGATIVE_INFINITY;

  const draw = (): void => {
    const now = clock.monotonic();
    if (last === null || now - drawnAt < REDRAW_MS) return;
    drawnAt = now;
    terminal.err(`${CLEAR_LINE}${progressLine(title, last, now - startedAt, terminal.columns)}`);
  };
  /** The time goes on while nothing else does: a bar that stands still looks like a program that hangs. */
  const keepMoving = async (): Promise<void> => {
    while (!closed.signal.aborted) {
      // Nothing but the end of this view can wake it early.
      await clock.sleep(TICK_MS, closed.signal).catch(() => undefined);
      if (!closed.signal.aborted) draw();
    }
  };
  void keepMoving();

  return {
    show: (progress) => {
      last = progress;
      if (!closed.signal.aborted) draw();
    },
    close: () => {
      if (!closed.signal.aborted && last !== null) terminal.err(CLEAR_LINE);
      closed.abort();
    },
  };
}
