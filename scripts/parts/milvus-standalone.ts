import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from './free-port.ts';
import { answersVersion } from './milvus-call.ts';
import { startProcess, untilReady, type Running } from './processes.ts';
import { toolFolder } from './tool-folder.ts';
import { venv, type Venv } from './venv.ts';

const run = promisify(execFile);

export interface StandaloneOptions {
  /** Holds its data, configuration and logs. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

const WHEEL = 'milvus==2.3.5';

/** Its ports besides etcd's and the metrics port, by the names of the wheel's template. */
const PORTS = ['root_coord', 'proxy', 'proxy_internal', 'query_coord', 'query_node', 'index_coord', 'index_node']
  .concat(['data_coord', 'data_node'])
  .map((name) => `${name}_port`);

/** Writes `configs/milvus.yaml` with the wheel's own template, then points the embedded etcd to its own file. */
const CONFIGURE = `
import json, sys
from milvus import MilvusServerConfig
options = json.loads(sys.argv[1])
config = MilvusServerConfig(data_dir=options['folder'], **options['ports'])
config.resolve()
path = options['folder'] + '/configs/milvus.yaml'
text = open(path).read()
mark = '  use:\\n    embed: true'
assert text.count(mark) == 1, 'the template of the wheel has changed'
open(path, 'w').write(text.replace(mark, '  config:\\n    path: ' + options['etcd'] + '\\n' + mark))
`;

const UNPACK = `
import sys, milvus
milvus._initialize_data_files(sys.argv[1])
`;

/**
 * The wheel unpacks 250 MB into each data folder; unpacked once here, they serve all. The wheel's own starter is not
 * used at all: it does not always end what it started.
 */
const programs = (environment: Venv): Promise<string> =>
  toolFolder('milvus-programs', WHEEL, async (partial) => {
    await run(environment.python, ['-c', UNPACK, partial]);
  });

/**
 * The embedded etcd listens on 2379 and 2380 unless a file of its own says otherwise: that, and not the ports of
 * `milvus-server --help`, is what makes a second instance on one machine crash.
 */
async function writeEtcdConfig(path: string, client: number, peer: number): Promise<void> {
  const [clientUrl, peerUrl] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  const settings = {
    name: 'default',
    'listen-client-urls': clientUrl,
    'advertise-client-urls': clientUrl,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': `default=${peerUrl}`,
  };
  await writeFile(path, `${JSON.stringify(settings, null, 2)}\n`); // JSON is YAML, which etcd reads.
}

async function configure(python: string, folder: string): Promise<{ proxy: number; metrics: number }> {
  const [metrics, client, peer, ...rest] = await freePorts(PORTS.length + 3);
  if (metrics === undefined || client === undefined || peer === undefined) throw new Error('too few free ports');
  const ports = Object.fromEntries(PORTS.map((name, index) => [name, rest[index]]));
  const etcd = join(folder, 'configs', 'etcd.json');
  await mkdir(join(folder, 'configs'), { recursive: true });
  await writeEtcdConfig(etcd, client, peer);
  const options = { folder, etcd, ports: { ...ports, etcd_port: client } };
  await run(python, ['-c', CONFIGURE, JSON.stringify(options)]);
  return { proxy: Number(ports['proxy_port']), metrics };
}

const healthy = async (metrics: number): Promise<boolean> => {
  const answer = await fetch(`http://127.0.0.1:${metrics}/healthz`, { signal: AbortSignal.timeout(2000) });
  return answer.ok && (await answer.text()).includes('OK');
};

/**
 * Milvus 2.3.5 standalone, the newest that is to be had as a wheel, with all its ports free ones, so that it stands
 * beside any other Milvus of this machine. Linux on x86-64, macOS on arm64.
 */
export async function startMilvusStandalone(
  options: StandaloneOptions,
): Promise<{ address: string; metrics: number; folder: string; running: Running }> {
  const environment = await venv({
    name: 'milvus',
    requirements: [WHEEL],
    alone: true,
    python: [3, 8],
    say: options.say,
  });
  const bin = join(await programs(environment), 'bin');
  const { proxy, metrics } = await configure(environment.python, options.folder);
  const library = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  const running = await startProcess({
    name: 'Milvus',
    command: join(bin, 'milvus'),
    args: ['run', 'standalone'],
    cwd: options.folder, // It reads ./configs/milvus.yaml.
    env: {
      DEPLOY_MODE: 'STANDALONE',
      METRICS_PORT: String(metrics),
      MILVUS_RUN_DIR: join(options.folder, 'run'),
      [library]: [bin, process.env[library]].filter(Boolean).join(':'),
    },
    log: join(options.folder, 'logs', 'milvus-output.log'),
    graceMs: 5000,
  });
  const address = `127.0.0.1:${proxy}`;
  await untilReady(running, async () => (await healthy(metrics)) && (await answersVersion(address)), 120_000);
  return { address, metrics, folder: options.folder, running };
}
