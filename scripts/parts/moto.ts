import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startProcess, untilReady, type Running } from './processes.ts';
import type { S3Server, S3ServerOptions } from './s3-server.ts';
import { venv } from './venv.ts';

/** The Python that has moto, installed on first use. */
export const moto = async (say: (line: string) => void): Promise<string> =>
  (await venv({ name: 'moto', requirements: ['moto[s3,server]==5.2.5'], python: [3, 10], say })).python;

/** S3 of the Python wheel `moto`, in memory: keeps conditions and checksums. It believes every key. */
export async function startMoto(options: S3ServerOptions): Promise<S3Server & { running: Running }> {
  const python = await moto(options.say);
  mkdirSync(options.folder, { recursive: true });
  const running = await startProcess({
    name: 'moto',
    command: python,
    args: [join(import.meta.dirname, 'moto_server.py'), '-H', '127.0.0.1', '-p', String(options.port)],
    log: join(options.folder, 'moto.log'),
  });
  const endpoint = `http://127.0.0.1:${options.port}`;
  await untilReady(running, async () => (await fetch(`${endpoint}/moto-api/`)).ok, 60_000);
  return { endpoint, accessKey: 'tester', secretKey: 'tester-secret', running };
}
