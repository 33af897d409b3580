import { createSegmentsEngine, type Engine, type EngineSource } from '@milvault/engines';
import { createMilvusClient, type MilvusAddress } from '@milvault/milvus';
import { systemClock } from '@milvault/shared';
import { addressOf } from './engine-run.ts';
import { servers } from './servers.ts';

const deps = {
  connect: (address: MilvusAddress) => createMilvusClient(address, { clock: systemClock }),
  clock: systemClock,
};

export const segmentsEngine = (): Engine => createSegmentsEngine(deps);

/** The same, that also imports what is so small that rows would be inserted one by one. */
export const importingEngine = (): Engine => createSegmentsEngine({ ...deps, importFromBytes: 0 });

/** Milvus 2.3.5 with the folder that it keeps its files in. */
export function milvusWithStorage(): EngineSource {
  const { milvus, milvusData } = servers();
  if (milvusData === '') throw new Error('MILVAULT_TEST_MILVUS_DATA must name the data folder of MILVAULT_TEST_MILVUS');
  return { ...addressOf(milvus), storage: { place: milvusData, access: null } };
}
