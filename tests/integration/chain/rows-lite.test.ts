import { initRepository } from '@milvault/repository';
import { systemClock } from '@milvault/shared';
import { describe, test } from 'vitest';
import { CHAIN_TIMEOUT, inFolder, proveChain, type ChainCase } from '../../support/chain-proof.ts';
import { rowsEngine } from '../../support/engine-case.ts';
import { addressOf } from '../../support/engine-run.ts';
import { s3Server } from '../../support/s3-servers.ts';
import { servers } from '../../support/servers.ts';

const LITE: ChainCase = { engine: rowsEngine, source: () => addressOf(servers().lite), restoresAtOnce: 1 };

describe('every point of a chain by rows of Milvus Lite restores to what the oracle read at that moment', () => {
  const store = s3Server('versitygw');

  test('from a folder', () => proveChain(LITE, inFolder), CHAIN_TIMEOUT);

  test(
    'from a bucket',
    () =>
      proveChain(LITE, async () =>
        initRepository(await store.newPlace(), { clock: systemClock, access: store.access() }),
      ),
    CHAIN_TIMEOUT,
  );
});
