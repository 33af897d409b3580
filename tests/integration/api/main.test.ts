import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { buildApps, builtApp } from '../../../scripts/build/apps.ts';
import { freePort } from '../../../scripts/parts/free-port.ts';
import type { Running } from '../../../scripts/parts/processes.ts';
import { startRedis } from '../../../scripts/parts/redis.ts';

const say = (): void => undefined;

let folder: string;
/** Of this file alone: the process uses the names of keys that every milvault uses. */
let redis: { url: string; running: Running };
let ended: (() => Promise<unknown>) | null = null;

beforeAll(async () => {
  await buildApps();
  folder = await mkdtemp(path.join(tmpdir(), 'milvault-main-'));
  redis = await startRedis({ folder: path.join(folder, 'redis'), port: await freePort(), say });
});
afterEach(async () => {
  await ended?.();
  ended = null;
});
afterAll(async () => {
  await redis.running.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The API as it is deployed, as its own process, with this environment and nothing else of ours. */
function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [builtApp('api')], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', MILVAULT_CONFIG: path.join(folder, 'milvault.json'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  const exited = once(child, 'close').then(([code]) => code as number | null);
  ended = () => (child.kill('SIGKILL'), exited);
  return { child, exited, said: () => said };
}

const configure = (content: object | string): Promise<void> =>
  writeFile(path.join(folder, 'milvault.json'), typeof content === 'string' ? content : JSON.stringify(content));

test('it listens, answers, and ends cleanly at SIGTERM', async () => {
  await configure({});
  const port = String(await freePort());
  const { child, exited, said } = start({ REDIS_URL: redis.url, MILVAULT_PORT: port });
  await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200), {
    timeout: 90_000,
    interval: 100,
  });
  const watching = await fetch(`http://127.0.0.1:${port}/api/v1/events`);
  expect(watching.status).toBe(200);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  expect(said()).toContain(`the API listens at http://127.0.0.1:${port}`);
  await watching.text().catch(() => 'cut');
});

test.each([
  [
    'a fault in the configuration',
    () => configure({ sorces: [], api: { port: -1 } }),
    {},
    /CONFIG_INVALID[^]*sorces[^]*api\.port/,
  ],
  ['a file that is no JSON', () => configure('{'), {}, /CONFIG_(INVALID|UNREADABLE)/],
  ['an address that others reach, without a token', () => configure({}), { MILVAULT_HOST: '0.0.0.0' }, /BIND_UNSAFE/],
  ['no Redis', () => configure({}), { REDIS_URL: 'redis://127.0.0.1:1' }, /REDIS_UNREACHABLE/],
] as const)('with %s it ends with code 1 and says what to do', async (_name, prepare, env, expected) => {
  await prepare();
  const { exited, said } = start({ REDIS_URL: redis.url, MILVAULT_PORT: String(await freePort()), ...env });
  expect(await exited).toBe(1);
  expect(said()).toMatch(expected);
});

test('a port that is taken is told as that', async () => {
  await configure({});
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  try {
    const { exited, said } = start({ REDIS_URL: redis.url, MILVAULT_PORT: port });
    expect(await exited).toBe(1);
    expect(said()).toMatch(/CONFLICT[^]*MILVAULT_PORT/);
  } finally {
    other.close();
  }
});
