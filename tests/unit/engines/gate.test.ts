import { expect, it } from 'vitest';
import { createGate } from '../../../packages/engines/src/rows/restore/gate.ts';

it('a gate lets so many in at once, in turn, and work that fails makes room like any other', async () => {
  const gate = createGate(2);
  const begun: number[] = [];
  const ends = new Map<number, (fault: Error | null) => void>();
  const works = [0, 1, 2, 3].map((n) =>
    gate.pass(
      () =>
        new Promise<number>((resolve, reject) => {
          begun.push(n);
          ends.set(n, (fault) => (fault === null ? resolve(n) : reject(fault)));
        }),
    ),
  );
  const all = Promise.allSettled(works);
  expect(begun).toEqual([0, 1]);
  ends.get(1)?.(new Error('of the work'));
  await expect(works[1]).rejects.toThrow('of the work');
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  ends.get(0)?.(null);
  await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
  for (const n of [2, 3]) ends.get(n)?.(null);
  expect((await all).map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
});
