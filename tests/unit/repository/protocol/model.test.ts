import { describe, expect, it } from 'vitest';
import { search, WEAKENINGS, type ModelCase, type Weakening } from './model.ts';

const CASES = {
  'two writers and two deletions on a full': { writers: 2, deleters: 2, readers: 0, chain: false },
  'two writers and a deletion of a chain': { writers: 2, deleters: 1, readers: 0, chain: true },
  'a writer and two deletions of a chain': { writers: 1, deleters: 2, readers: 0, chain: true },
  'two readers and two deletions of a full': { writers: 0, deleters: 2, readers: 2, chain: false },
  'a reader, a writer and a deletion of a chain': { writers: 1, deleters: 1, readers: 1, chain: true },
} satisfies Record<string, ModelCase>;

describe('writers, readers and deletions in every order, each of which may stop for ever', () => {
  it.each(Object.entries(CASES))('%s: no backup ever lacks a file, and none vanishes under its reader', (_, model) => {
    const { states, fault } = search(model);
    expect(fault).toBeNull();
    expect(states).toBeGreaterThan(400);
  });

  it.each(WEAKENINGS)('where %s, that is found', (weakened: Weakening) => {
    const faults = Object.values(CASES).map((model) => search({ ...model, weakened }).fault);
    expect(faults.filter((fault) => fault !== null)).not.toEqual([]);
  });
});
