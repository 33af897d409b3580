import { join } from 'node:path';
import { systemClock } from '@milvault/shared';
import { openStorage, STORAGES } from '@milvault/repository';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { storageContract } from '../storage.ts';

const PLACES: Readonly<Record<string, () => Promise<string>>> = {
  memory: async () => 'memory:',
  local: async () => join(await temporaryFolder(), 'backups', 'of milvus'),
};

/** Storage that needs a server has a file of its own. */
const ELSEWHERE = ['s3'];

it('runs over every storage of the registry', () => {
  expect([...Object.keys(PLACES), ...ELSEWHERE].sort()).toEqual(STORAGES.map((one) => one.kind).sort());
});

for (const [kind, place] of Object.entries(PLACES)) {
  storageContract({
    name: kind,
    clock: systemClock,
    open: async (clock) => openStorage(await place(), clock),
  });
}
