import { describe, expect, it } from 'vitest';
import { parseConfig, systemClock } from '@milvault/shared';
import { createAlertProcessor } from '../../../packages/jobs/src/queue/alert-processor.ts';
import type { House } from '../../../packages/jobs/src/queue/house.ts';
import { partJobId, partOfKey } from '../../../packages/jobs/src/queue/names.ts';
import { createPartProcessor } from '../../../packages/jobs/src/queue/part-processor.ts';
import { createRunProcessor } from '../../../packages/jobs/src/queue/run-processor.ts';
import { createUnderway } from '../../../packages/jobs/src/queue/underway.ts';
import { createCleanupProcessor } from '../../../packages/jobs/src/queue/worker.ts';

// Nothing of it is used before a job comes.
const house = { config: parseConfig('{}', { env: {} }) } as House;

describe('processors', () => {
  const run = createRunProcessor(house, createUnderway(systemClock));
  it.each([
    ['runs', run],
    ['parts', createPartProcessor(house, createUnderway(systemClock))],
    ['cleanup', createCleanupProcessor(house, run)],
    ['alerts', createAlertProcessor(house)],
  ])('of %s declare three parameters: BullMQ gives the signal to no other', (_queue, processor) => {
    expect(processor).toHaveLength(3);
  });
});

describe('ids of parts', () => {
  it.each(['01j000000000000000000000aa', 'films_full_1795367321424', 'a-1-p2'])('of run %s can be read back', (run) => {
    const id = partJobId({ run, generation: 2, number: 17 });
    expect(partOfKey(`{milvault}:parts:${id}`)).toEqual({ generation: 2, number: 17 });
    expect(id).not.toContain(':');
  });
});

describe('what is under way', () => {
  it('is stopped by a cancel of its run alone', () => {
    const underway = createUnderway(systemClock);
    const [mine, also, other] = ['a', 'a', 'b'].map((run) => underway.enter(run, undefined));
    underway.cancel('a');
    expect([mine, also, other].map((place) => place?.signal.aborted)).toEqual([true, true, false]);
    expect(mine?.signal.reason).toMatchObject({ reason: 'cancelled' });
    mine?.leave();
    also?.leave();
    expect(underway.runs()).toEqual(['b']);
    expect(underway.count()).toBe(1);
  });
  it('hears from BullMQ why it is stopped', () => {
    const underway = createUnderway(systemClock);
    const queue = new AbortController();
    const place = underway.enter('a', queue.signal);
    queue.abort('handover');
    expect(place.signal.reason).toMatchObject({ reason: 'handover' });
    const lost = new AbortController();
    lost.abort('lease-lost');
    expect(underway.enter('b', lost.signal).signal.reason).toMatchObject({ reason: 'lease-lost' });
  });
});
