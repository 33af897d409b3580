import { formatBytes, formatCount, formatDuration, type Clock, type Progress } from '@milvault/shared';
import { CLEAR_LINE, type Terminal } from '../terminal.ts';

const BAR = 24;
/** A person sees no more than this; a slow terminal should not slow a backup. */
const REDRAW_MS = 100;

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
  const startedAt = clock.monotonic();
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawn = false;
  return {
    show: (progress) => {
      const now = clock.monotonic();
      if (!terminal.live || now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      drawn = true;
      terminal.err(`${CLEAR_LINE}${progressLine(title, progress, now - startedAt, terminal.columns)}`);
    },
    close: () => {
      if (drawn) terminal.err(CLEAR_LINE);
      drawn = false;
    },
  };
}
