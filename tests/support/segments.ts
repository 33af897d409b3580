import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createSegmentsEngine, type Engine, type EngineSource } from '@milvault/engines';
import type { MilvusClient } from '@milvault/milvus';
import { addressOf, engineDeps } from './engine-run.ts';
import { temporaryFolder } from './folder.ts';
import { servers } from './servers.ts';

export const segmentsEngine = (): Engine => createSegmentsEngine(engineDeps);

/** The same, that also imports what is so small that rows would be inserted one by one. */
export const importingEngine = (): Engine => createSegmentsEngine({ ...engineDeps, importFromBytes: 0 });

/** Milvus 2.3.5 with the folder that it keeps its files in. */
export function milvusWithStorage(): EngineSource {
  const { milvus, milvusData } = servers();
  if (milvusData === '') throw new Error('MILVAULT_TEST_MILVUS_DATA must name the data folder of MILVAULT_TEST_MILVUS');
  return { ...addressOf(milvus), storage: { place: milvusData, access: null } };
}

/** The storage of Milvus as far as one collection goes, in a folder that a test may change. */
export async function copiedStorage(
  client: MilvusClient,
  collection: string,
): Promise<{ readonly source: EngineSource; readonly folder: string; readonly id: string }> {
  const { collectionId } = await client.describe({ database: 'default', collection });
  await client.flush({ database: 'default', collection });
  const folder = await temporaryFolder();
  for (const kind of ['insert_log', 'delta_log']) {
    const from = join(servers().milvusData, kind, collectionId);
    await mkdir(join(folder, kind), { recursive: true });
    await cp(from, join(folder, kind, collectionId), { recursive: true }).catch(() => undefined);
  }
  return { source: { ...milvusWithStorage(), storage: { place: folder, access: null } }, folder, id: collectionId };
}
