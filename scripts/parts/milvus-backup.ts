import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startProcess, untilReady, type Running } from './processes.ts';
import { toolFolder } from './tool-folder.ts';

const run = promisify(execFile);
const VERSION = 'v0.5.16';
const MODULE = 'github.com/zilliztech/milvus-backup';
/** Go's own hash of the module's files: what is built is what was read. */
const SUM = 'h1:zkKFh8ddUi32gG5V8h+GvEsc2hWfxcrZ5ziOxSA7iCg=';

/** Beside the clone, where somebody has put it; else it is built. */
const PACKED = resolve('..', 'shared', 'peers', `milvus-backup-${VERSION}-linux-amd64.xz`);

/** The official server, unpacked or built by Go from its module, on first use. MILVAULT_TEST_MILVUS_BACKUP names another. */
export async function milvusBackup(say: (line: string) => void): Promise<string> {
  const given = process.env['MILVAULT_TEST_MILVUS_BACKUP'];
  if (given !== undefined && given !== '') return given;
  const folder = await toolFolder('milvus-backup', VERSION, async (partial) => {
    await mkdir(partial, { recursive: true });
    const command = join(partial, 'milvus-backup');
    if (existsSync(PACKED)) await run('sh', ['-c', 'xz -dc "$1" > "$2"', 'sh', PACKED, command]);
    else await build(partial, command, say);
    await chmod(command, 0o755);
  });
  return join(folder, 'milvus-backup');
}

async function build(partial: string, command: string, say: (line: string) => void): Promise<void> {
  say(`Building milvus-backup ${VERSION} with Go (once, some minutes) ...`);
  // Its sum is checked here, so that no other service is asked for it.
  const env = { ...process.env, GONOSUMDB: MODULE };
  const { stdout } = await run('go', ['mod', 'download', '-json', `${MODULE}@${VERSION}`], { env, maxBuffer: 1e8 });
  const { Dir: from, Sum: sum } = JSON.parse(stdout) as { Dir: string; Sum: string };
  if (sum !== SUM) throw new Error(`${MODULE}@${VERSION} is not what it was: ${sum}`);
  const source = join(partial, 'source');
  await cp(from, source, { recursive: true });
  await run('chmod', ['-R', 'u+w', source]);
  await run('go', ['build', '-o', command, '.'], { cwd: source, env, maxBuffer: 1e8 });
}

export interface MilvusBackupOptions {
  /** Holds its configuration, its log and its backups. */
  readonly folder: string;
  readonly port: number;
  /** host:port of the Milvus, and the local folder of its data. */
  readonly milvus: string;
  readonly milvusData: string;
  readonly say: (line: string) => void;
}

/** The official server over a Milvus that keeps its data in a local folder. */
export async function startMilvusBackup(
  options: MilvusBackupOptions,
): Promise<{ api: string; store: string; running: Running }> {
  const command = await milvusBackup(options.say);
  const store = join(options.folder, 'store');
  await mkdir(store, { recursive: true });
  const file = join(options.folder, 'backup.yaml');
  const [address = '', port = ''] = options.milvus.split(':');
  const config = {
    log: { level: 'info', console: true, file: { filename: join(options.folder, 'backup.log') } },
    milvus: { address, port: Number(port), user: '', password: '', tlsMode: 0 },
    minio: {
      storageType: 'local',
      rootPath: options.milvusData,
      bucketName: '',
      backupStorageType: 'local',
      backupRootPath: store,
      backupBucketName: '',
    },
    backup: { gcPause: { enable: false } },
  };
  await writeFile(file, JSON.stringify(config)); // JSON is YAML.
  const api = `http://127.0.0.1:${options.port}/api/v1`;
  const running = await startProcess({
    name: 'milvus-backup',
    command,
    args: ['--config', file, 'server', '-p', String(options.port)],
    cwd: options.folder,
    log: join(options.folder, 'milvus-backup.log'),
    graceMs: 2000,
  });
  await untilReady(running, async () => (await fetch(`${api}/hello`)).ok, 30_000);
  return { api, store, running };
}
