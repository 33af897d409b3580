/**
 * `npm start`: milvault on this machine with whatever is configured, and with what is not: Redis, and a Milvus Lite with
 * a sample. Where it brought the sample it takes, verifies and drills a first backup, and then serves until Ctrl-C.
 * `npm start -- --once` does the backups of whatever is configured, stops all that it started, and ends.
 */
import { join } from 'node:path';
import { loadConfig } from '@milvault/shared';
import { buildApps } from './build/apps.ts';
import { ROOT, stateFolder } from './parts/paths.ts';
import { takeFirstBackups } from './start/first-backup.ts';
import { onlyOne } from './start/only-one.ts';
import { createReleases, type Releases } from './start/releases.ts';
import { createSay } from './start/say.ts';
import { bringRedis, bringSource, choosePort, stateReady, type Place } from './start/servers.ts';
import { startServices } from './start/services.ts';
import { readSettings } from './start/settings.ts';

const say = createSay((text) => process.stdout.write(text));

function readOnce(args: readonly string[]): boolean {
  const unknown = args.filter((arg) => arg !== '--once');
  if (unknown.length > 0) throw new Error(`expected nothing or --once, got ${unknown.join(' ')}`);
  return args.includes('--once');
}

/** Aborts at the first Ctrl-C or SIGTERM. A second one ends this process at once; what it started ends with it. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(130);
      stop.abort(new Error(name));
    });
  }
  return stop.signal;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((settle) => {
    if (signal.aborted) settle();
    signal.addEventListener('abort', () => {
      settle();
    });
  });

async function run(once: boolean, signal: AbortSignal, releases: Releases): Promise<void> {
  const folder = stateReady(stateFolder());
  releases.add('the lock', onlyOne(join(folder, 'start.pid')));
  const settings = await readSettings();
  const place: Place = { folder, settings, releases, say };
  say.heading('milvault');
  const port = await choosePort(place);
  const built = buildApps();
  const brought = await Promise.allSettled([bringRedis(place), bringSource(place), built]);
  for (const one of brought) if (one.status === 'rejected') throw one.reason;
  signal.throwIfAborted();
  const [redis, source] = brought;
  const overlay = {
    ...(redis.status === 'fulfilled' ? redis.value : {}),
    ...(source.status === 'fulfilled' ? source.value : {}),
  };
  const { api, broken } = await startServices(place, overlay, port);
  say.fact('API', api.url);
  const config = await loadConfig({ folder: ROOT, env: { ...process.env, ...overlay } });
  if (once || !settings.hasSource) {
    say.heading(settings.hasSource ? 'A backup of what is configured' : 'A first backup');
    await Promise.race([takeFirstBackups(api, config, say, signal), broken]);
  }
  if (once) return;
  say.heading(`milvault runs at ${api.url} (API: /docs, queues: /queues). Ctrl-C ends it.`);
  await Promise.race([aborted(signal), broken]);
}

const releases = createReleases();
const signal = stopSignal();
try {
  await run(readOnce(process.argv.slice(2)), signal, releases);
} catch (error) {
  if (!signal.aborted) {
    process.exitCode = 1;
    process.stderr.write(`\nmilvault could not go on: ${error instanceof Error ? error.message : String(error)}\n`);
  } else process.exitCode = 130;
} finally {
  await releases.all();
}
