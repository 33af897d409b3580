import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { answersVersion } from './milvus-call.ts';
import { startProcess, untilReady, type Running } from './processes.ts';
import { venv, type Venv } from './venv.ts';

export interface LiteOptions {
  /** Holds its data and its log. */
  readonly folder: string;
  readonly port: number;
  readonly say: (line: string) => void;
}

/** Milvus Lite needs pymilvus and does not declare it. */
export const litePython = (say: (line: string) => void): Promise<Venv> =>
  venv({ name: 'milvus-lite', requirements: ['milvus-lite==3.2.2', 'pymilvus==3.0.2'], python: [3, 10], say });

/** Milvus Lite on loopback. */
export async function startMilvusLite(options: LiteOptions): Promise<{ address: string; running: Running }> {
  const { python } = await litePython(options.say);
  const data = join(options.folder, 'data');
  mkdirSync(data, { recursive: true });
  const main = 'import sys; from milvus_lite.cmdline import main; sys.exit(main())';
  const server = ['server', '--data-dir', data, '--host', '127.0.0.1', '--port', String(options.port)];
  const running = await startProcess({
    name: 'Milvus Lite',
    command: python,
    args: ['-c', main, ...server],
    log: join(options.folder, 'milvus-lite.log'),
  });
  const address = `127.0.0.1:${options.port}`;
  await untilReady(running, () => answersVersion(address), 60_000);
  return { address, running };
}
