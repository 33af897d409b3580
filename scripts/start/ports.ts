import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, isFree } from '../parts/free-port.ts';

type Ports = Partial<Record<string, number>>;

const read = (file: string): Ports => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Ports) : {});

/**
 * The port that a server of ours had at the last start, while it is free, else a new one. Kept, because a source is
 * known by its address: the sample must be the same source at each start.
 */
export async function keptPort(folder: string, name: string): Promise<number> {
  const file = join(folder, 'ports.json');
  const known = read(file)[name];
  if (known !== undefined && (await isFree(known))) return known;
  const port = await freePort();
  writeFileSync(file, `${JSON.stringify({ ...read(file), [name]: port }, null, 2)}\n`);
  return port;
}
