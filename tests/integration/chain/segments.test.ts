import { describe, test } from 'vitest';
import { CHAIN_TIMEOUT, inFolder, proveChain } from '../../support/chain-proof.ts';
import { inBucket } from '../../support/s3-repository.ts';
import { s3Server } from '../../support/s3-servers.ts';
import { milvusWithStorage, segmentsEngine } from '../../support/segments.ts';

describe('every point of a chain by segments of Milvus 2.3.5 restores to what the oracle read at that moment', () => {
  const store = s3Server('versitygw');

  test(
    'from a folder and from a bucket',
    () =>
      proveChain({ engine: segmentsEngine, source: milvusWithStorage, restoresAtOnce: 4 }, [inFolder, inBucket(store)]),
    CHAIN_TIMEOUT,
  );
});
