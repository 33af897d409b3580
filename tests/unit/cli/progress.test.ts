import type { Clock, Progress } from '@milvault/shared';
import { expect, test } from 'vitest';
import { progressLine, progressView } from '../../../apps/cli/src/output/progress.ts';
import { plainStyle } from '../../../apps/cli/src/terminal.ts';

const half: Progress = { phase: 'parts', partsDone: 1, partsTotal: 2, rows: 1600, rowsTotal: 3200, bytes: 4_000_000 };

function recorder(live: boolean) {
  const drawn: string[] = [];
  const sleepers: (() => void)[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: () => new Promise((wake) => void sleepers.push(() => wake())),
  };
  const terminal = {
    out: () => undefined,
    err: (text: string) => void drawn.push(text),
    columns: 100,
    live,
    confirm: null,
    style: plainStyle,
    errStyle: plainStyle,
  };
  return { drawn, clock, terminal, pass: (ms: number) => (now += ms), wake: () => sleepers.shift()?.(), sleepers };
}

test('a bar tells share, rows, bytes, speed and time', () => {
  expect(progressLine('backup', half, 2000, 120)).toBe(
    'backup: parts  [████████████░░░░░░░░░░░░]   50 %  1,600 of 3,200 rows  4.0 MB  2.0 MB/s  2.0 s',
  );
});

test('before the rows are known there is no bar, only what is being done', () => {
  expect(progressLine('backup', { ...half, phase: 'plan', rows: 0, rowsTotal: 0, bytes: 0 }, 300, 120)).toBe(
    'backup: plan  0.3 s',
  );
});

test('more rows than expected are no more than all', () => {
  expect(progressLine('restore', { ...half, rows: 9999 }, 100, 120)).toContain(']  100 %');
});

test('a line is shorter than the terminal is wide, so that it never wraps', () => {
  for (const columns of [1, 20, 79, 80])
    expect(progressLine('backup', half, 2000, columns).length).toBeLessThan(columns);
});

test('is drawn at most ten times a second and taken away at the end', () => {
  const { drawn, clock, terminal, pass } = recorder(true);
  const view = progressView('backup', terminal, clock);
  view.show(half);
  view.show(half);
  pass(99);
  view.show(half);
  pass(1);
  view.show(half);
  expect(drawn).toHaveLength(2);
  view.close();
  view.close();
  expect(drawn.slice(2)).toEqual(['\r\u001b[K']);
});

test('moves on while nothing is heard, and stops when it was closed', async () => {
  const { drawn, clock, terminal, pass, wake, sleepers } = recorder(true);
  const view = progressView('backup', terminal, clock);
  view.show(half);
  pass(250);
  wake();
  await expect.poll(() => drawn.length).toBe(2);
  view.close();
  wake();
  await expect.poll(() => sleepers.length).toBe(0);
  expect(drawn).toHaveLength(3);
});

test('is silent in a pipe', () => {
  const { drawn, clock, terminal } = recorder(false);
  const view = progressView('backup', terminal, clock);
  view.show(half);
  view.close();
  expect(drawn).toEqual([]);
});
