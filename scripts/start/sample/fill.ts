import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { litePython } from '../../parts/milvus-lite.ts';
import { ROOT } from '../../parts/paths.ts';
import { COLLECTION, DIMS, readFilms } from './films.ts';

/** Puts the films into the Milvus at `address`, or finds them there. Returns how many it holds. */
export async function fillSample(address: string, say: (line: string) => void): Promise<number> {
  const [films, { python }] = await Promise.all([readFilms(), litePython(say)]);
  const script = join(ROOT, 'scripts', 'start', 'sample', 'fill.py');
  const child = spawn(python, [script, address, COLLECTION, String(DIMS)], { stdio: ['pipe', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  const said = text(child.stderr);
  child.stdin.on('error', () => undefined); // It ended before it had read all: its exit code and words tell why.
  child.stdin.end(JSON.stringify(films));
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`The sample could not be put into Milvus at ${address}:\n${await said}`);
  return films.length;
}
