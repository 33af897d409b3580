import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from '../parts/paths.ts';
import { onlyOne } from './only-one.ts';
import type { Releases } from './releases.ts';
import type { Say } from './say.ts';
import { bringRedis, bringSource, type Overlay, type Place } from './servers.ts';
import { readSettings } from './settings.ts';

/** The state folder, for this process alone, and what is configured. */
export async function openPlace(say: Say, releases: Releases): Promise<Place> {
  const folder = stateFolder();
  mkdirSync(folder, { recursive: true });
  releases.add('the lock', onlyOne(join(folder, 'start.pid')));
  return { folder, settings: await readSettings(), releases, say };
}

/** Redis and a source, brought at the same time. Where one fails, the other is waited for, so that it can be released. */
export async function bringServers(place: Place): Promise<Overlay> {
  const brought = await Promise.allSettled([bringRedis(place), bringSource(place)]);
  return brought.reduce<Overlay>((overlay, one) => {
    if (one.status === 'rejected') throw one.reason;
    return { ...overlay, ...one.value };
  }, {});
}
