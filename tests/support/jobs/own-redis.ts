import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectRedis, openRedis } from '@milvault/catalog';
import { secret } from '@milvault/shared';
import { servers } from '../servers.ts';

export interface OwnRedis {
  readonly url: string;
  flush(): Promise<void>;
  /** The process is gone, its data stays. */
  stop(): Promise<void>;
  /** The same by SIGKILL. */
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A Redis of a test's own, which it may empty and stop: the program that the shared one runs. */
export async function ownRedis(settings: Readonly<Record<string, string>> = {}): Promise<OwnRedis> {
  const shared = await openRedis(secret(servers().redis), 'asking', () => undefined);
  const executable = /^executable:(.*)$/m.exec(await shared.info('server'))?.[1]?.trim();
  shared.disconnect();
  if (executable === undefined || executable === '') throw new Error('the shared Redis does not name its program');
  const folder = await mkdtemp(path.join(tmpdir(), 'milvault-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${String(port)}`;
  const all = { bind: '127.0.0.1', port: String(port), dir: folder, appendonly: 'yes', save: '', ...settings };
  const args = Object.entries(all).flatMap(([key, value]) => [`--${key}`, value]);
  let end: (by: NodeJS.Signals) => Promise<void> = () => Promise.resolve();
  const start = async (): Promise<void> => {
    const child = spawn(executable, args, { stdio: 'ignore' });
    const exited = once(child, 'exit');
    end = async (by) => {
      child.kill(by);
      await exited;
      end = () => Promise.resolve();
    };
    const redis = connectRedis(secret(url), 'working', () => undefined);
    await redis.connect().catch(() => undefined);
    await redis.ping();
    redis.disconnect();
  };
  await start();
  return {
    url,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    flush: async () => {
      const redis = await openRedis(secret(url), 'asking', () => undefined);
      await redis.flushall();
      redis.disconnect();
    },
    close: async () => {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
