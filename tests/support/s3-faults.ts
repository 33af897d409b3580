import { systemClock, type S3Access } from '@milvault/shared';
import type { StorageDriver } from '@milvault/repository';
import type { StoreLimits } from '../../packages/repository/src/storage/s3/limits.ts';
import { createS3Storage } from '../../packages/repository/src/storage/s3/s3.ts';
import { faultyProxy, type FaultyProxy, type SeenCall, type WireFault } from './faulty-proxy.ts';
import type { S3UnderTest } from './s3-servers.ts';

/** Limits so short that a test of them takes no time. */
export const LIMITS: StoreLimits = {
  connectMs: 2_000,
  idleMs: 400,
  callMs: 1_500,
  slowestBytesPerSecond: 2 ** 30,
  tries: 4,
  firstPauseMs: 1,
  longestPauseMs: 5,
};
export const KEY = 'slots/01j00000000000000000000000';
export const VALUE = Buffer.from('what was decided');

export interface Stage {
  readonly driver: StorageDriver;
  /** The same place without the proxy. */
  readonly direct: StorageDriver;
  readonly proxy: FaultyProxy;
  readonly place: string;
}

/** A bucket with a `repo.json`, seen through a proxy that may fail. */
export async function stageOn(store: S3UnderTest, changes: Partial<S3Access> = {}): Promise<Stage> {
  const proxy = await faultyProxy(store.server().endpoint);
  const place = await store.newPlace();
  const driver = createS3Storage(place, store.access({ endpoint: proxy.endpoint, ...changes }), systemClock, LIMITS);
  const direct = createS3Storage(place, store.access(), systemClock, LIMITS);
  await direct.create('repo.json', Buffer.from('{}'));
  return { driver, direct, proxy, place };
}

/** The fault for calls of `method` whose address has `part`, as many `times`. */
export const on =
  (method: string, part: string, fault: WireFault, times = Infinity) =>
  ({ method: seen, url }: SeenCall): WireFault | null =>
    seen === method && decodeURIComponent(url).includes(part) && times-- > 0 ? fault : null;

/** Every key of a list. */
export const drain = async (driver: StorageDriver, prefix: string): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of driver.list(prefix)) keys.push(key);
  return keys;
};
