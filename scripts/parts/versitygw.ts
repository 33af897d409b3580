import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startProcess, untilReady, type Running } from './processes.ts';
import type { S3Server, S3ServerOptions } from './s3-server.ts';
import { goCommand } from './go.ts';
import { toolFolder } from './tool-folder.ts';

const run = promisify(execFile);
const VERSION = 'v1.8.0';
const KEYS = { accessKey: 'tester', secretKey: 'tester-secret-0123456789' };

/** Built by Go from its module, on first use. */
export async function versitygw(say: (line: string) => void): Promise<string> {
  const folder = await toolFolder('versitygw', VERSION, async (partial) => {
    const go = await goCommand(say);
    say(`Building versitygw ${VERSION} with Go (once) ...`);
    try {
      const env = { ...process.env, GOBIN: join(partial, 'bin') };
      await run(go, ['install', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], { env, maxBuffer: 1e8 });
    } catch (cause) {
      const { stderr = '' } = cause as { stderr?: string };
      throw new Error(`versitygw could not be built with ${go}. Check the network.\n${stderr}`, { cause });
    }
  });
  return join(folder, 'bin', 'versitygw');
}

/** S3 over a folder: keeps conditions, checksums and keys. Its file system must have extended attributes. */
export async function startVersitygw(options: S3ServerOptions): Promise<S3Server & { running: Running }> {
  const command = await versitygw(options.say);
  const data = join(options.folder, 'data');
  mkdirSync(data, { recursive: true });
  const address = `127.0.0.1:${options.port}`;
  const running = await startProcess({
    name: 'versitygw',
    command,
    args: ['--port', address, '--health', '/health', 'posix', data],
    env: { ROOT_ACCESS_KEY: KEYS.accessKey, ROOT_SECRET_KEY: KEYS.secretKey },
    log: join(options.folder, 'versitygw.log'),
  });
  await untilReady(running, async () => (await fetch(`http://${address}/health`)).ok, 60_000);
  return { endpoint: `http://${address}`, ...KEYS, running };
}
