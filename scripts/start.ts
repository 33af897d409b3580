/**
 * `npm start`: milvault on this machine with whatever is configured, and with what is not: Redis, and a Milvus Lite with
 * a sample. Where it brought the sample it takes, verifies and drills a first backup, and then serves until Ctrl-C.
 * `npm start -- --once` does that for whatever is configured, stops all that it started, and ends.
 */
import { loadConfig } from '@milvault/shared';
import { buildApps } from './build/apps.ts';
import { ROOT } from './parts/paths.ts';
import { bringServers, openPlace } from './start/bring.ts';
import { takeFirstBackups } from './start/first-backup.ts';
import { runAndRelease } from './start/main.ts';
import type { Releases } from './start/releases.ts';
import { createSay } from './start/say.ts';
import { choosePort } from './start/servers.ts';
import { startServices } from './start/services.ts';
import { aborted } from './start/stop-signal.ts';

const say = createSay((text) => process.stdout.write(text));

function readOnce(args: readonly string[]): boolean {
  const unknown = args.filter((arg) => arg !== '--once');
  if (unknown.length > 0) throw new Error(`expected nothing or --once, got ${unknown.join(' ')}`);
  return args.includes('--once');
}

async function start(signal: AbortSignal, releases: Releases): Promise<void> {
  const once = readOnce(process.argv.slice(2));
  say.heading('milvault');
  const place = await openPlace(say, releases);
  const { hasSource, hasRepository } = place.settings;
  const port = await choosePort(place);
  const overlay = await bringServers(place);
  await buildApps();
  signal.throwIfAborted();
  const { api, broken } = await startServices(place, overlay, port);
  say.fact('API', api.url);
  if (once || !hasSource) {
    say.heading(hasSource ? 'A backup of what is configured' : 'A first backup');
    const config = await loadConfig({ folder: ROOT, env: { ...process.env, ...overlay } });
    // A place that somebody else chose may be a disk that is not mounted: that one is theirs to initialise.
    if (!hasRepository) await api.post('/api/v1/repositories', { repository: config.repositories[0]?.name });
    await Promise.race([takeFirstBackups(api, config, say, signal), broken]);
  }
  if (once) return;
  say.heading(`milvault runs at ${api.url} (API: /docs, queues: /queues). Ctrl-C ends it.`);
  await Promise.race([aborted(signal), broken]);
}

await runAndRelease(start);
