import { test } from 'vitest';
import { CHAIN_TIMEOUT, inFolder, proveChain } from '../../support/chain-proof.ts';
import { milvusWithStorage, segmentsEngine } from '../../support/segments.ts';

test(
  'every point of a chain by segments of Milvus 2.3.5 restores to what the oracle read at that moment',
  () => proveChain({ engine: segmentsEngine, source: milvusWithStorage, restoresAtOnce: 4 }, inFolder),
  CHAIN_TIMEOUT,
);
