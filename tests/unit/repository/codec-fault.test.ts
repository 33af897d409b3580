import { compress } from '@cloudpss/zstd';
import { systemClock } from '@milvault/shared';
import { initRepository, openStorage } from '@milvault/repository';
import { expect, it, vi } from 'vitest';
import { beginBackup, putFilms, SOURCE } from '../../support/repository.ts';

const fault = vi.hoisted(() => ({ page: 0, seen: 0 }));

/** A compressor that changes one bit of one page, as a bug or bad memory would, and compresses the rest rightly. */
vi.mock(import('../../../packages/repository/src/format/zstd.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    compressed: (body) => {
      fault.seen += 1;
      const bytes = Uint8Array.from(body);
      if (fault.seen === fault.page) bytes[bytes.length >> 1]! ^= 1;
      return fault.seen === fault.page ? compress(bytes, 1) : real.compressed(body);
    },
  };
});

it('no fault of a compressor reaches a backup', async () => {
  const storage = openStorage('memory:', systemClock);
  const repository = await initRepository('memory:', { clock: systemClock, storage });
  const draft = await beginBackup(repository);
  for (const page of [1, 2, 3, 4, 5]) {
    Object.assign(fault, { page, seen: 0 });
    await expect(putFilms(repository, draft, 'films', { rows: 10 }), `page ${page}`).rejects.toThrow(
      /changed what it encoded/,
    );
  }
  const keys: string[] = [];
  for await (const { key } of storage.list('data/')) keys.push(key);
  expect(keys).toEqual([`data/${SOURCE.sourceId}/${draft.backupId}/intent.json`]);
  Object.assign(fault, { page: 0 });
  expect(await putFilms(repository, draft, 'films', { rows: 10 })).toHaveLength(1);
});
