import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtApp } from '../build/apps.ts';
import { ROOT, WITHOUT_OURS } from '../parts/paths.ts';
import { startProcess, untilReady, type Running } from '../parts/processes.ts';
import { createApiClient, type ApiClient } from './api-client.ts';
import type { Overlay, Place } from './servers.ts';

/** Long enough for a worker to hand its parts over. */
const GRACE_MS = 30_000;

async function startService(app: string, env: Overlay, place: Place): Promise<Running> {
  const running = await startProcess({
    name: app === 'api' ? 'The API' : 'The worker',
    command: process.execPath,
    args: ['--enable-source-maps', builtApp(app)],
    cwd: ROOT,
    env: { ...WITHOUT_OURS, ...env },
    log: join(place.folder, 'logs', `${app}.log`),
    graceMs: GRACE_MS,
  });
  place.releases.add(running.name, () => running.stop());
  return running;
}

const answers = async (url: string): Promise<boolean> =>
  (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3000) })).ok;

async function workerSeen(api: ApiClient): Promise<boolean> {
  const { total } = await api.get<{ total: number }>('/api/v1/workers');
  return total > 0;
}

export interface Services {
  readonly api: ApiClient;
  /** Rejects when the API or the worker ends by itself. */
  readonly broken: Promise<never>;
}

/** Starts the API and one worker, and waits until both serve. */
export async function startServices(place: Place, env: Overlay, port: number): Promise<Services> {
  const { host, adminToken } = place.settings.config.api;
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const url = `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
  const [api, worker] = await Promise.all([
    startService('api', { ...env, MILVAULT_PORT: String(port) }, place),
    startService('worker', env, place),
  ]);
  const client = createApiClient(url, adminToken?.reveal() ?? null);
  await untilReady(api, () => answers(url), 60_000);
  await untilReady(worker, () => workerSeen(client), 60_000);
  const broken = Promise.race([api, worker].map((running) => brokenBy(running)));
  broken.catch(() => undefined); // Told to whoever waits for it; nobody may be waiting yet.
  return { api: client, broken };
}

async function brokenBy(running: Running): Promise<never> {
  const code = await running.ended;
  await sleep(100); // Its last lines reach the log.
  throw new Error(`${running.name} ended (${code ?? 'by a signal'}). Its log is ${running.log}`);
}
