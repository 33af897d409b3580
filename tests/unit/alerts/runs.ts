import type { Run } from '@milvault/shared';

/** A run that failed after a second try, with everything that a run can tell. */
export const failedRun: Run = {
  id: 'backup-daily-1700000000000',
  kind: 'backup',
  state: 'failed',
  plan: 'daily',
  trigger: 'schedule',
  request: {},
  progress: { phase: 'parts', partsDone: 3, partsTotal: 8, rows: 120_000, rowsTotal: 400_000, bytes: 130_800_000 },
  attempts: 2,
  queuedAt: Date.UTC(2023, 10, 14, 22, 13, 20),
  startedAt: Date.UTC(2023, 10, 14, 22, 13, 22),
  endedAt: Date.UTC(2023, 10, 14, 22, 18, 27),
  result: null,
  error: {
    code: 'REPO_FULL',
    message: 'Chunk 12 of films could not be stored: expected 40.0 MB of free space, got 1.2 MB',
    expected: '40.0 MB of free space',
    got: '1.2 MB',
    next: 'Free space or enlarge the disk; older backups are untouched',
    retryable: false,
    causes: ['ENOSPC: no space left on device, write'],
  },
};

export const goodRun: Run = {
  ...failedRun,
  id: 'backup-daily-1700086400000',
  state: 'succeeded',
  attempts: 1,
  progress: { phase: 'done', partsDone: 8, partsTotal: 8, rows: 400_000, rowsTotal: 400_000, bytes: 436_000_000 },
  error: null,
};
