import { createSegmentsEngine, type Engine, type EngineSource } from '@milvault/engines';
import { createMilvusClient } from '@milvault/milvus';
import { systemClock } from '@milvault/shared';
import { addressOf } from './engine-run.ts';
import { servers } from './servers.ts';

export const segmentsEngine = (importLimits?: { limitMs: number; stallMs: number; pollMs: number }): Engine =>
  createSegmentsEngine({
    connect: (address) => createMilvusClient(address, { clock: systemClock }),
    clock: systemClock,
    ...(importLimits === undefined ? {} : { importLimits }),
  });

/** Milvus 2.3.5 with the folder that it keeps its files in. */
export function milvusWithStorage(): EngineSource {
  const { milvus, milvusData } = servers();
  if (milvusData === '') throw new Error('MILVAULT_TEST_MILVUS_DATA must name the data folder of MILVAULT_TEST_MILVUS');
  return { ...addressOf(milvus), storage: { place: milvusData, access: null } };
}
