import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { freePort } from '../../scripts/parts/free-port.ts';
import { startMilvusLite } from '../../scripts/parts/milvus-lite.ts';
import { startMilvusStandalone } from '../../scripts/parts/milvus-standalone.ts';
import type { Running } from '../../scripts/parts/processes.ts';
import { startRedis } from '../../scripts/parts/redis.ts';
import { ORACLES, venv } from '../../scripts/parts/venv.ts';
import { needsOf } from './needs.ts';
import type { TestServers } from './servers.ts';

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

interface Harness {
  readonly servers: TestServers;
  stop(): Promise<void>;
}

/** How to start each server that no MILVAULT_TEST_* variable names; what was started is put into `started`. */
function starters(folder: string, started: Running[]) {
  const kept = async <T extends { readonly running: Running }>(starting: Promise<T>): Promise<T> => {
    const server = await starting;
    started.push(server.running);
    return server;
  };
  return {
    redis: async () => (await kept(startRedis({ folder: join(folder, 'redis'), port: await freePort(), say }))).url,
    lite: async () =>
      (await kept(startMilvusLite({ folder: join(folder, 'lite'), port: await freePort(), say }))).address,
    milvus: async () => (await kept(startMilvusStandalone({ folder: join(folder, 'milvus'), say }))).address,
    python: async () => (await venv({ name: 'oracles', requirements: ORACLES, python: [3, 9], say })).python,
  };
}

async function startHarness(): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'milvault-servers-'));
  const started: Running[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((running) => running.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  const start = starters(folder, started);
  const starting = (['milvus', 'lite', 'redis', 'python'] as const).map(async (name) => {
    const value = process.env[`MILVAULT_TEST_${name.toUpperCase()}`] ?? (await start[name]());
    return [name, value] as const;
  });
  try {
    const own = process.env['MILVAULT_TEST_MILVUS'] === undefined ? join(folder, 'milvus', 'data') : '';
    const milvusData = process.env['MILVAULT_TEST_MILVUS_DATA'] ?? own;
    const named = Object.fromEntries(await Promise.all(starting));
    return { servers: { ...named, milvusData } as unknown as TestServers, stop };
  } catch (error) {
    await Promise.allSettled(starting); // So that nothing is started after the end.
    await stop();
    throw error;
  }
}

/** The shared servers of a test run: each named by its MILVAULT_TEST_* variable, or started here and ended after it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const needs = await needsOf(project);
  for (const bring of needs.programs) await bring(say);
  const harness = needs.servers ? await startHarness() : null;
  project.provide('servers', harness?.servers ?? null);
  return async () => {
    await harness?.stop();
  };
}
