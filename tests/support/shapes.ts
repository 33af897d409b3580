import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { servers } from './servers.ts';

/** A collection that the oracle made: pymilvus wrote it, and pymilvus reads it back. */
export interface Shape {
  readonly name: string;
  readonly database: string;
  readonly collection: string;
  readonly rows: number;
}

export interface Shapes {
  readonly shapes: readonly Shape[];
  /** Shapes that the server does not serve, with what it said. */
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
}

/** All that pymilvus tells of a collection; each value in a form that shows every bit of it. */
export interface Dump {
  readonly rows: readonly unknown[];
  readonly fields: readonly Record<string, unknown>[];
  readonly description: string;
  readonly dynamic: boolean;
  readonly autoId: boolean;
  readonly consistency: unknown;
  readonly properties: Readonly<Record<string, string>>;
  readonly shards: number;
  readonly aliases: readonly string[];
  readonly partitions: readonly string[];
  readonly indexes: readonly unknown[];
  readonly loaded: string;
}

const SCRIPT = fileURLToPath(new URL('oracle/shapes.py', import.meta.url));

const oracle = <T>(args: readonly string[], input = ''): Promise<T> =>
  new Promise((resolve, reject) => {
    const child = spawn(servers().python, [SCRIPT, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(Buffer.concat(out).toString('utf8')) as T);
      else reject(new Error(`shapes.py ${args.join(' ')} ended with ${code}: ${Buffer.concat(err).toString('utf8')}`));
    });
    child.stdin.end(input);
  });

/** A prefix of its own for one test file: letters and digits, as Milvus wants names. */
export const ownPrefix = (): string => `t${Math.random().toString(36).slice(2, 10)}`;

/** Makes a collection of every shape (or of the named ones) that the server serves. */
export const makeShapes = (address: string, prefix: string, only: readonly string[] = []): Promise<Shapes> =>
  oracle(['make', address, prefix, only.join(',')]);

/** Drops everything whose name begins so, with its databases and aliases. */
export const dropShapes = (address: string, prefix: string): Promise<unknown> => oracle(['drop', address, prefix]);

export const dumpAll = (
  address: string,
  collections: readonly { readonly database: string; readonly collection: string }[],
): Promise<Dump[]> =>
  oracle(['dumps', address], JSON.stringify(collections.map((one) => [one.database, one.collection])));
