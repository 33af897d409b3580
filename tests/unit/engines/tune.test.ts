import { expect, test } from 'vitest';
import {
  createTuner,
  LITE_LIMITS,
  MILVUS_LIMITS,
  type Setting,
  type Tuner,
} from '../../../packages/engines/src/rows/read/tune.ts';

const MIB = 1024 * 1024;

/** A server of which only its throughput is known, in bytes a millisecond: pages come at that rate for so many bytes. */
function readFrom(tuner: Tuner, rate: (setting: Setting) => number, bytes: number): Setting[] {
  const seen: Setting[] = [];
  let now = 0;
  for (let left = bytes; left > 0; left -= tuner.setting.pageBytes) {
    const { setting } = tuner;
    seen.push(setting);
    now += setting.pageBytes / rate(setting);
    tuner.note(setting.pageBytes, now);
  }
  return seen;
}

/** Where most bytes of the second half were read: the rest are tries. */
function settled(seen: readonly Setting[]): Setting {
  const bytes = new Map<Setting, number>();
  for (const one of seen.slice(seen.length / 2)) bytes.set(one, (bytes.get(one) ?? 0) + one.pageBytes);
  const [first] = [...bytes].sort((a, b) => b[1] - a[1]);
  return first![0];
}

test('it finds larger pages and more streams where these are faster', () => {
  const tuner = createTuner(MILVUS_LIMITS);
  const seen = readFrom(tuner, ({ streams, pageBytes }) => 5000 * streams * Math.sqrt(pageBytes / MIB), 6000 * MIB);
  const { streams, pageBytes } = settled(seen);
  expect(streams * pageBytes).toBeGreaterThan(40 * MIB);
});

test('it finds one stream of small pages where these are faster', () => {
  const tuner = createTuner(MILVUS_LIMITS);
  const seen = readFrom(tuner, ({ streams, pageBytes }) => 60_000 / streams / Math.sqrt(pageBytes / MIB), 6000 * MIB);
  const { streams, pageBytes } = settled(seen);
  expect(streams).toBe(1);
  expect(pageBytes).toBeLessThanOrEqual(2.5 * MIB);
});

test('it stays within its limits and keeps away from a size that was refused', () => {
  const tuner = createTuner(MILVUS_LIMITS);
  tuner.tooLarge(4 * MIB);
  const seen = readFrom(tuner, ({ streams, pageBytes }) => 50_000 * streams * pageBytes, 3000 * MIB);
  for (const { streams, pageBytes } of seen) {
    expect(pageBytes).toBeLessThanOrEqual(2 * MIB);
    expect(streams).toBeGreaterThanOrEqual(1);
    expect(streams).toBeLessThanOrEqual(MILVUS_LIMITS.maxStreams);
    expect(streams * pageBytes).toBeLessThanOrEqual(MILVUS_LIMITS.maxBytes);
  }
});

test('where nothing makes a difference it spends most of its time at one setting', () => {
  const tuner = createTuner(MILVUS_LIMITS);
  let atStart = 0;
  let pages = 0;
  let now = 0;
  for (; pages < 2000; pages++) {
    now += tuner.setting.pageBytes / 50_000;
    tuner.note(tuner.setting.pageBytes, now);
    if (tuner.setting.pageBytes === MILVUS_LIMITS.start.pageBytes && tuner.setting.streams === 4) atStart += 1;
  }
  expect(atStart / pages).toBeGreaterThan(0.5);
});

test('on Milvus Lite there is one stream of large pages, always', () => {
  const tuner = createTuner(LITE_LIMITS);
  expect(readFrom(tuner, () => 20_000, 3000 * MIB).every((one) => one === LITE_LIMITS.start)).toBe(true);
});
