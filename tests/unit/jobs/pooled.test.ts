import { describe, expect, it } from 'vitest';
import { systemClock } from '@milvault/shared';
import { pooled } from '../../../packages/jobs/src/local/pooled.ts';

describe('a pool', () => {
  it('never does more at once than it may, and keeps the order of the results', async () => {
    let now = 0;
    let most = 0;
    const results = await pooled([5, 1, 4, 2, 3], 2, async (ms) => {
      most = Math.max(most, ++now);
      await systemClock.sleep(ms);
      now -= 1;
      return ms * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });
  it('begins nothing after a failure, waits for what runs, and throws the first failure', async () => {
    const begun: number[] = [];
    let ended = 0;
    const failing = pooled([0, 1, 2, 3, 4], 2, async (item) => {
      begun.push(item);
      await systemClock.sleep(item === 0 ? 1 : 10);
      ended += 1;
      if (item === 0) throw new Error('first');
      return item;
    });
    await expect(failing).rejects.toThrow('first');
    expect(begun).toEqual([0, 1]);
    expect(ended).toBe(2);
  });
  it('of nothing is empty', async () => {
    expect(await pooled([], 3, () => Promise.reject(new Error('never')))).toEqual([]);
  });
});
