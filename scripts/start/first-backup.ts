import {
  formatBytes,
  formatCount,
  formatDuration,
  megabytesPerSecond,
  type Backup,
  type Config,
  type DrillReport,
  type Run,
  type VerifyReport,
} from '@milvault/shared';
import type { ApiClient } from './api-client.ts';
import type { Say } from './say.ts';

const VERIFY_LEVEL = 3;

interface Request {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A backup of each enabled plan; without a plan, of each source. */
function requests({ plans, sources, repositories }: Pick<Config, 'plans' | 'sources' | 'repositories'>): Request[] {
  const enabled = plans.filter((plan) => plan.enabled);
  if (enabled.length > 0) {
    return enabled.map(({ name }) => ({ path: `/api/v1/plans/${name}/run`, body: { type: 'full' } }));
  }
  return sources.map(({ name }) => ({
    path: '/api/v1/runs/backup',
    body: { source: name, repository: repositories[0]?.name, type: 'full' },
  }));
}

/** Takes, verifies and drills a backup of everything that is configured. Throws when any of it is not as it should be. */
export async function takeFirstBackups(
  api: ApiClient,
  config: Pick<Config, 'plans' | 'sources' | 'repositories'>,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  for (const { path, body } of requests(config)) {
    const backup = await take(api, path, body, say, signal);
    await verify(api, backup, say, signal);
    await drill(api, backup, say, signal);
  }
}

async function take(api: ApiClient, path: string, body: object, say: Say, signal: AbortSignal): Promise<Backup> {
  const run = await api.finished(await api.post<Run>(path, body), signal);
  // The result of a backup run is its backup (packages/shared/src/resources/run.ts).
  const backup = run.result as unknown as Backup;
  const speed = megabytesPerSecond(backup.bytes.own, backup.durationMs).toFixed(1);
  const size = `${formatCount(backup.rows)} rows, ${formatBytes(backup.bytes.own)}`;
  say.fact('backed up', `${size} in ${formatDuration(backup.durationMs)} (${speed} MB/s): ${backup.name}`);
  for (const warning of backup.warnings) say.fact('', `${warning.code}: ${warning.message}`);
  return backup;
}

async function verify(api: ApiClient, backup: Backup, say: Say, signal: AbortSignal): Promise<void> {
  const asked = api.post<Run>(`/api/v1/backups/${backup.id}/verify`, { level: VERIFY_LEVEL });
  const report = (await api.finished(await asked, signal)).result as unknown as VerifyReport;
  if (report.result !== 'ok') throw new Error(`The backup ${backup.name} did not verify: ${JSON.stringify(report)}`);
  const what = `${formatCount(report.chunks)} chunk${report.chunks === 1 ? '' : 's'}, ${formatBytes(report.bytes)}`;
  const how = `every hash equal, ${formatCount(report.rows)} rows decoded and counted`;
  say.fact('verified', `level ${report.level}: ${what}, ${how}`);
}

async function drill(api: ApiClient, backup: Backup, say: Say, signal: AbortSignal): Promise<void> {
  const asked = api.post<Run>(`/api/v1/backups/${backup.id}/drill`, {});
  const report = (await api.finished(await asked, signal)).result as unknown as DrillReport;
  const expected = report.collections.reduce((sum, one) => sum + one.rowsExpected, 0);
  const restored = report.collections.reduce((sum, one) => sum + one.rowsRestored, 0);
  const equal = report.collections.every((one) => one.contentEqual);
  const outcome = `${formatCount(expected)} rows in, ${formatCount(restored)} rows restored`;
  say.fact('drilled', `${outcome}, content ${equal ? 'equal' : 'NOT EQUAL'}`);
  if (report.result === 'ok' && equal && expected === restored && expected === backup.rows) return;
  throw new Error(`The backup ${backup.name} did not come back as it was: ${JSON.stringify(report)}`);
}
