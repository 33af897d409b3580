import { test } from 'vitest';
import { CHAIN_TIMEOUT, inFolder, proveChain } from '../../support/chain-proof.ts';
import { rowsEngine } from '../../support/engine-case.ts';
import { addressOf } from '../../support/engine-run.ts';
import { servers } from '../../support/servers.ts';

test(
  'every point of a chain by rows of Milvus 2.3.5 restores to what the oracle read at that moment',
  () => proveChain({ engine: rowsEngine, source: () => addressOf(servers().milvus), restoresAtOnce: 4 }, inFolder),
  CHAIN_TIMEOUT,
);
