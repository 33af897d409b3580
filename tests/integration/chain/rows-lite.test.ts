import { describe, test } from 'vitest';
import { CHAIN_TIMEOUT, inFolder, proveChain } from '../../support/chain-proof.ts';
import { rowsEngine } from '../../support/engine-case.ts';
import { addressOf } from '../../support/engine-run.ts';
import { inBucket } from '../../support/s3-repository.ts';
import { s3Server } from '../../support/s3-servers.ts';
import { servers } from '../../support/servers.ts';

describe('every point of a chain by rows of Milvus Lite restores to what the oracle read at that moment', () => {
  const store = s3Server('versitygw');

  test(
    'from a folder and from a bucket',
    () =>
      proveChain({ engine: rowsEngine, source: () => addressOf(servers().lite), restoresAtOnce: 1 }, [
        inFolder,
        inBucket(store),
      ]),
    CHAIN_TIMEOUT,
  );
});
