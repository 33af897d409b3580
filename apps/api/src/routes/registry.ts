import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { ApiParts } from '../parts.ts';
import { auditRoutes } from './v1/audit.ts';
import { backupRunRoutes } from './v1/backup-runs.ts';
import { backupRoutes } from './v1/backups.ts';
import { channelRoutes } from './v1/channels.ts';
import { contractRoutes } from './v1/contract.ts';
import { eventRoutes } from './v1/events.ts';
import { exportRoutes } from './v1/exports.ts';
import { heldRoutes } from './v1/held.ts';
import { overviewRoutes } from './v1/overview.ts';
import { planRoutes } from './v1/plans.ts';
import { repositoryRoutes } from './v1/repositories.ts';
import { runRoutes } from './v1/runs.ts';
import { sessionRoutes } from './v1/session.ts';
import { sourceRoutes } from './v1/sources.ts';
import { startRunRoutes } from './v1/start-runs.ts';
import { tokenRoutes } from './v1/tokens.ts';
import { versionRoutes } from './v1/version.ts';
import { workerRoutes } from './v1/workers.ts';

/** Routes of one resource. `ending` aborts when the app closes, for those who keep a line open. */
export type Routes = (parts: ApiParts, ending: AbortSignal) => FastifyPluginAsyncTypebox;

/** Everything under /api/v1. A new resource is a file in `v1/` and a line here. */
export const V1_ROUTES: readonly Routes[] = [
  versionRoutes,
  sessionRoutes,
  overviewRoutes,
  sourceRoutes,
  repositoryRoutes,
  planRoutes,
  heldRoutes,
  backupRoutes,
  backupRunRoutes,
  contractRoutes,
  exportRoutes,
  startRunRoutes,
  runRoutes,
  workerRoutes,
  channelRoutes,
  eventRoutes,
  tokenRoutes,
  auditRoutes,
];
