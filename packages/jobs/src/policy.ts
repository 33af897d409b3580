import { hasCode, isMilvaultError, isStopped, stopError, toErrorRecord, type ErrorRecord } from '@milvault/shared';
import { timedOut } from './time-limit.ts';

/** Decisions that every runner takes alike: what is tried again, and from where. */

/** The source is not what the plan saw: only a new plan can end well. */
const STALE_PLAN = [
  'COLLECTION_CHANGED',
  // Milvus merged or dropped a segment: another list names what took its place.
  'STORAGE_OBJECT_MISSING',
  'ROW_COUNT_MISMATCH',
  'RESTORE_MISMATCH',
  'BACKUP_ABORTED',
  'BASE_GONE',
  'BASE_DAMAGED',
  'CONSISTENCY_TOO_WEAK',
] as const;

export const needsNewPlan = (thrown: unknown): boolean => hasCode(thrown, ...STALE_PLAN);

/** Whether the same step may end well later without anybody changing anything. */
export const mayRetry = (thrown: unknown): boolean => isMilvaultError(thrown) && thrown.retryable;

/** Wait before the next try: doubles from `baseMs`, less up to half of it by `chance` (0 to 1). */
export const backoffMs = (baseMs: number, triesMade: number, chance: number): number =>
  Math.round(baseMs * 2 ** (triesMade - 1) * (1 - chance / 2));

/** The error of a run one of whose parts failed for good. */
export function partFailure(failed: readonly { readonly number: number; readonly error: ErrorRecord }[]): ErrorRecord {
  const [first] = failed;
  if (first === undefined) throw new TypeError('no part failed');
  const others = failed.length === 1 ? '' : ` and ${String(failed.length - 1)} more`;
  return {
    ...first.error,
    message: `Part ${String(first.number)}${others} failed: ${first.error.message}`,
    details: { ...first.error.details, parts: failed.slice(0, 20).map((one) => one.number) },
  };
}

/** A thrown value as the record that a run keeps. A stop is told as what it was; `limitMs` is how long the run might take. */
export function recordOf(thrown: unknown, limitMs: number): ErrorRecord {
  if (!isStopped(thrown)) return toErrorRecord(thrown);
  return toErrorRecord(thrown.reason === 'timed-out' ? timedOut(limitMs) : stopError(thrown));
}
