const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `109.3 MB`: powers of 1,000, as disks are sold. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}

export const formatCount = (count: number): string => count.toLocaleString('en-US');

/** `1.8 s`, `2 min 05 s`, `3 h 10 min`. */
export function formatDuration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${String(Math.floor((ms % 60_000) / 1000)).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** MB/s of `bytes` in `ms`; 0 where nothing was measured. */
export const megabytesPerSecond = (bytes: number, ms: number): number => (ms <= 0 ? 0 : bytes / 1e6 / (ms / 1000));
