import { initRepository } from '@milvault/repository';
import { systemClock } from '@milvault/shared';
import type { NewRepository } from './chain-proof.ts';
import type { S3UnderTest } from './s3-servers.ts';

/** Makes repositories, each in a bucket of its own. */
export const inBucket =
  (store: S3UnderTest): NewRepository =>
  async () =>
    initRepository(await store.newPlace(), { clock: systemClock, access: store.access() });
