import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SCRIPT = join(import.meta.dirname, 'films.py');

/** Small collections that pymilvus, a client that we did not write, makes and compares. */
export function createFilms(python: string) {
  const call = async <Answer>(...args: readonly string[]): Promise<Answer> => {
    const { stdout } = await promisify(execFile)(python, [SCRIPT, ...args], { maxBuffer: 64e6 });
    return JSON.parse(stdout) as Answer; // The script's own JSON.
  };
  return {
    make: (address: string, name: string, rows: number) => call('make', address, name, String(rows)),
    /** Every field of every row of two collections. */
    equal: (one: string, name: string, other: string, otherName: string) =>
      call<{ equal: boolean; rows: [number, number] }>('equal', one, name, other, otherName),
    /** Names that start so. */
    starting: async (address: string, prefix: string) =>
      (await call<{ names: string[] }>('starting', address, prefix)).names,
    drop: (address: string, prefix: string) => call('drop', address, prefix),
  };
}
