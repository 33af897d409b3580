import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { en } from '../../../apps/web/src/text/en.ts';
import { createFormat } from '../../../apps/web/src/text/format.ts';
import { zh } from '../../../apps/web/src/text/zh.ts';

const SOURCES = new URL('../../../apps/web/src/', import.meta.url).pathname;

type Leaf = readonly [key: string, value: unknown];

const leaves = (value: unknown, key = ''): Leaf[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, key === '' ? name : `${key}.${name}`))
    : [[key, value]];

/** What a sentence says of things that stand in no other place. */
const said = (value: unknown): string =>
  // Sentences take text and numbers alike here: each is put in as it is.
  typeof value === 'function' ? String((value as (...given: unknown[]) => string)(71, 72, 73, 74)) : String(value);

describe('the two languages of the page', () => {
  test('have the same keys, and say something for each', () => {
    expect(leaves(zh).map(([key]) => key)).toEqual(leaves(en).map(([key]) => key));
    for (const [key, value] of [...leaves(en), ...leaves(zh)]) expect([key, said(value).trim()]).not.toEqual([key, '']);
  });

  test('leave out nothing that a sentence is given', () => {
    const chinese = new Map(leaves(zh));
    for (const [key, value] of leaves(en)) {
      if (typeof value !== 'function') continue;
      const given = said(value)
        .match(/7[1-4]/g)
        ?.toSorted();
      expect([
        key,
        said(chinese.get(key))
          .match(/7[1-4]/g)
          ?.toSorted(),
      ]).toEqual([key, given]);
    }
  });

  test('differ: nothing in Chinese is left in English', () => {
    const latin = leaves(zh).filter(([, value]) => !/\p{Script=Han}/u.test(said(value)));
    expect(latin.map(([key]) => key)).toEqual([]);
  });

  test('hold nothing that the page does not say', async () => {
    const files = (await readdir(SOURCES, { recursive: true })).filter(
      (name) => /\.tsx?$/.test(name) && !/^text\/(en|zh)/.test(name),
    );
    const all = (await Promise.all(files.map((name) => readFile(path.join(SOURCES, name), 'utf8')))).join('\n');
    const unused = Object.entries(en).flatMap(([group, entries]) =>
      Object.keys(entries)
        .filter((key) => !new RegExp(`\\b${key}\\b`).test(all))
        .map((key) => `${group}.${key}`),
    );
    expect(unused).toEqual([]);
  });
});

describe('numbers and times', () => {
  const [english, chinese] = [createFormat('en'), createFormat('zh')];
  test('are written as people of the language write them', () => {
    expect(english.bytes(0)).toBe('0\u00a0B');
    expect(english.bytes(109_300_000)).toBe('109.3\u00a0MB');
    expect(english.count(1_234_567)).toBe('1,234,567');
    expect(english.duration(1_840)).toBe('1.8s');
    expect(english.duration(125_000)).toBe('2m 5s');
    expect(chinese.duration(125_000)).toContain('分钟');
    expect(english.relative(0, 3 * 3_600_000)).toBe('3 hours ago');
    expect(chinese.relative(0, 3 * 3_600_000)).toBe('3小时前');
    expect(english.relative(100_000, 0)).toBe('in 1 minute');
    expect(english.day('2026-11-25')).toBe('25 Nov 2026');
  });
});
