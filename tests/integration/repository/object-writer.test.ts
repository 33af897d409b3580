import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openObjectWriter } from '@milvault/repository';
import { systemClock } from '@milvault/shared';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';

const writerAt = (place: string) => openObjectWriter({ place, access: null }, systemClock);
const bytes = new Uint8Array([1, 2, 3]);

test('what a restore put is taken away with its folders, and nothing else', async () => {
  const place = await temporaryFolder();
  await mkdir(path.join(place, 'insert_log'));
  const writer = writerAt(place);
  await writer.put('restore/one/0/insert_log/7/100/1', bytes);
  await writer.put('restore/two/0/insert_log/7/100/1', bytes);
  expect(new Uint8Array(await readFile(writer.nameOf('restore/one/0/insert_log/7/100/1')))).toEqual(bytes);
  await writer.removeAll('restore/one/');
  expect(await readdir(path.join(place, 'restore'))).toEqual(['two']);
  await writer.removeAll('restore/two/0/');
  expect(await readdir(place)).toEqual(['insert_log']);
  await writer.removeAll('restore/two/');
  expect(await readdir(place)).toEqual(['insert_log']);
});

test('a restore that begins while another one ends loses no file', async () => {
  const place = await temporaryFolder();
  await writeFile(path.join(place, 'other'), bytes);
  const writer = writerAt(place);
  for (let turn = 0; turn < 100; turn++) {
    const key = `restore/begins-${String(turn)}/file`;
    await Promise.all([writer.put(key, bytes), writer.removeAll(`restore/ended-${String(turn)}/`)]);
    expect(await readdir(path.dirname(writer.nameOf(key)))).toEqual(['file']);
    await writer.removeAll(`restore/begins-${String(turn)}/`);
  }
  expect(await readdir(place)).toEqual(['other']);
});
