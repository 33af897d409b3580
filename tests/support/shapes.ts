import { ask } from './oracle/ask.ts';

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
  /** count(*) before the rows were read, and after. */
  readonly counted: readonly number[];
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

/** A prefix of its own for one test file: letters and digits, as Milvus wants names. */
export const ownPrefix = (): string => `t${Math.random().toString(36).slice(2, 10)}`;

/** Makes a collection of every shape (or of the named ones) that the server serves. */
export const makeShapes = (address: string, prefix: string, only: readonly string[] = []): Promise<Shapes> =>
  ask('shapes', ['make', address, prefix, only.join(',')]);

/** Drops everything whose name begins so, with its databases and aliases. */
export const dropShapes = (address: string, prefix: string): Promise<unknown> =>
  ask('shapes', ['drop', address, prefix]);

interface Named {
  readonly database: string;
  readonly collection: string;
}

const pairs = (collections: readonly Named[]): string =>
  JSON.stringify(collections.map((one) => [one.database, one.collection]));

export const dumpAll = (address: string, collections: readonly Named[]): Promise<Dump[]> =>
  ask('shapes', ['dumps', address], pairs(collections));

/** Releases and loads anew: a way out where a server shows what it should have forgotten. */
export const reloadAll = (address: string, collections: readonly Named[]): Promise<unknown> =>
  ask('shapes', ['reload', address], pairs(collections));
