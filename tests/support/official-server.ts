import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/parts/free-port.ts';
import { startMilvusBackup } from '../../scripts/parts/milvus-backup.ts';
import type { Running } from '../../scripts/parts/processes.ts';
import { servers } from './servers.ts';

/** The official server over the Milvus of the tests, with a store of its own. */
export interface OfficialServer {
  readonly api: string;
  /** Where its backups lie. */
  readonly store: string;
  /** Ends it as a crash does, and starts it again at the same address over the same store. */
  restart(): Promise<void>;
  kill(): Promise<void>;
  close(): Promise<void>;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

export async function officialServer(): Promise<OfficialServer> {
  const { milvus, milvusData } = servers();
  if (milvusData === '') throw new Error('MILVAULT_TEST_MILVUS_DATA must name the data folder of MILVAULT_TEST_MILVUS');
  const folder = await mkdtemp(join(tmpdir(), 'milvault-official-'));
  const port = await freePort();
  const start = () => startMilvusBackup({ folder, port, milvus, milvusData, say });
  const { api, store, running: first } = await start();
  let running: Running = first;
  const kill = async (): Promise<void> => {
    process.kill(-running.pid, 'SIGKILL');
    await running.ended;
    await running.stop();
  };
  return {
    api,
    store,
    kill,
    restart: async () => {
      await kill();
      running = (await start()).running;
    },
    close: async () => {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
