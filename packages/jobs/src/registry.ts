import { backupJob } from './backup.ts';
import { cleanupJob } from './cleanup.ts';
import { drillJob } from './drill.ts';
import { healthJob } from './health.ts';
import type { JobRegistry } from './port.ts';
import { restoreJob } from './restore.ts';
import { verifyJob } from './verify.ts';

/** Every job there is. A new one is a file and a line here. */
export const JOBS: JobRegistry = {
  backup: backupJob,
  verify: verifyJob,
  drill: drillJob,
  restore: restoreJob,
  cleanup: cleanupJob,
  health: healthJob,
};
