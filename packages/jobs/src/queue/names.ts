import type { RunKind } from '@milvault/shared';

export const QUEUE_NAMES = ['ticks', 'runs', 'parts', 'checks', 'cleanup', 'alerts'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/** Checks have a queue of their own, so that long backups never delay them. */
export const QUEUE_OF: Readonly<Record<RunKind, 'runs' | 'checks' | 'cleanup'>> = {
  backup: 'runs',
  restore: 'runs',
  drill: 'runs',
  verify: 'checks',
  health: 'checks',
  cleanup: 'cleanup',
};

/** What a run's job carries: enough to make its record again. Names and ids only, never credentials. */
export interface RunData {
  readonly kind: RunKind;
  readonly payload: Record<string, unknown>;
  readonly plan: string | null;
  readonly trigger: string;
  readonly queuedAt: number;
}

export interface PartData {
  readonly run: string;
  readonly generation: number;
  readonly number: number;
}

/** The job of the queue `cleanup` that removes what a run left behind which could not do so itself. */
export const ABANDON = 'abandon';
export interface AbandonData {
  readonly run: string;
}

export const partJobId = ({ run, generation, number }: PartData): string =>
  `${run}-${String(generation)}-p${String(number)}`;

/** From the key of a part's job, as its parent keeps it. */
export function partOfKey(key: string): { generation: number; number: number } | null {
  const match = /-(\d+)-p(\d+)$/.exec(key);
  return match === null ? null : { generation: Number(match[1]), number: Number(match[2]) };
}
