import { expect, test } from 'vitest';
import { formatBytes, formatCount, formatDuration, megabytesPerSecond } from '@milvault/shared';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [109_300_000, '109.3 MB'],
  [5e15, '5.0 PB'],
  [5e18, '5000.0 PB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, '0.0 s'],
  [1_849, '1.8 s'],
  [125_000, '2 min 05 s'],
  [11_400_000, '3 h 10 min'],
])('%d ms are %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('counts have separators', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
});

test('a rate of nothing measured is 0', () => {
  expect(megabytesPerSecond(5e6, 2_000)).toBe(2.5);
  expect(megabytesPerSecond(5e6, 0)).toBe(0);
});
