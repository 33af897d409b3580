import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { ownRedis, type OwnRedis } from '../../support/jobs/own-redis.ts';

const MAIN = fileURLToPath(new URL('../../../apps/worker/src/main.ts', import.meta.url));

/** The worker as it is started by hand: its own process, its own configuration file. */
async function startWorkerProcess(config: object) {
  const file = path.join(await temporaryFolder(), 'milvault.json');
  await writeFile(file, JSON.stringify(config));
  const env = { PATH: process.env['PATH'], MILVAULT_CONFIG: file };
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return { child, exited, said: () => said };
}

describe('the worker process', () => {
  let redis: OwnRedis | undefined;
  afterEach(async () => {
    await redis?.close();
    redis = undefined;
  });

  it('takes jobs until SIGTERM, then ends with exit code 0', async () => {
    redis = await ownRedis();
    const { child, exited, said } = await startWorkerProcess({ redis: redis.url });
    try {
      await expect.poll(said, { timeout: 90_000 }).toContain('the worker takes jobs');
      child.kill('SIGTERM');
      expect(await exited).toBe(0);
      expect(said()).toContain('hands over');
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('does not start on a Redis that would forget, and says what to do', async () => {
    redis = await ownRedis({ appendonly: 'no' });
    const { exited, said } = await startWorkerProcess({ redis: redis.url });
    expect(await exited).toBe(1);
    expect(said()).toContain('REDIS_FORGETS');
    expect(said()).toContain('config set appendonly yes');
  });
});
