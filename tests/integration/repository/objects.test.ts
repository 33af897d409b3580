import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode, secret, systemClock, type ErrorCode, type StoragePlace } from '@milvault/shared';
import { openObjects, type ObjectReader } from '@milvault/repository';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { s3Server } from '../../support/s3-servers.ts';

/** Keys as Milvus makes them, and others that a repository would not have. */
const FILES: Readonly<Record<string, string>> = {
  'files/insert_log/451/452/453/0/1': 'row ids',
  'files/insert_log/451/452/453/100/2': 'a column of films',
  'files/delta_log/451/452/453/7': '',
  'files/Ünd so weiter/a b+c': 'odd',
};

const code = (wanted: ErrorCode) => (error: unknown) => hasCode(error, wanted);

function readerTests(open: () => Promise<StoragePlace>): void {
  const listed = async (reader: ObjectReader, prefix: string): Promise<Record<string, number>> => {
    const sizes: Record<string, number> = {};
    for await (const { key, size } of reader.list(prefix)) sizes[key] = size;
    return sizes;
  };

  it('lists and reads files of any name', async () => {
    const reader = openObjects(await open(), systemClock);
    const sizes = Object.fromEntries(Object.entries(FILES).map(([key, text]) => [key, Buffer.byteLength(text)]));
    expect(await listed(reader, '')).toEqual(sizes);
    expect(Object.keys(await listed(reader, 'files/insert_log/451/'))).toHaveLength(2);
    expect(await listed(reader, 'files/insert_log/999/')).toEqual({});
    for (const [key, text] of Object.entries(FILES)) {
      expect(Buffer.from(await reader.get(key)).toString()).toBe(text);
      expect(await reader.has(key)).toBe(true);
    }
    const part = await reader.getRange('files/insert_log/451/452/453/100/2', 2, 6);
    expect(Buffer.from(part).toString()).toBe('column');
    expect(await reader.getRange('files/insert_log/451/452/453/100/2', 900, 6)).toHaveLength(0);
  });

  it('names a file that is gone, as one of the source and not of a repository', async () => {
    const reader = openObjects(await open(), systemClock);
    expect(await reader.has('files/insert_log/1')).toBe(false);
    await expect(reader.get('files/insert_log/1')).rejects.toSatisfy(code('STORAGE_OBJECT_MISSING'));
    await expect(reader.getRange('files/x', 0, 1)).rejects.toSatisfy(code('STORAGE_OBJECT_MISSING'));
  });

  it('takes no key that leads elsewhere', async () => {
    const reader = openObjects(await open(), systemClock);
    for (const key of ['../x', 'files/../../x', '/etc/passwd', 'a//b', '.', '', 'a\0b', 'a\\b', 'files/']) {
      await expect(
        Promise.resolve().then(() => reader.get(key)),
        key,
      ).rejects.toSatisfy(code('INTERNAL'));
    }
    await expect(listed(reader, '../')).rejects.toSatisfy(code('INTERNAL'));
    await expect(listed(reader, 'files')).rejects.toSatisfy(code('INTERNAL'));
  });
}

describe('the files of Milvus in a folder', () => {
  const folder = async (): Promise<string> => {
    const place = join(await temporaryFolder(), 'data');
    for (const [key, text] of Object.entries(FILES)) {
      await mkdir(dirname(join(place, key)), { recursive: true });
      await writeFile(join(place, key), text);
    }
    return place;
  };
  readerTests(async () => ({ place: await folder(), access: null }));

  it('do not lead out of it through a link', async () => {
    const place = await folder();
    const outside = await temporaryFolder();
    await writeFile(join(outside, 'secret'), 'x');
    await symlink(outside, join(place, 'files', 'linked'));
    await symlink(join(outside, 'secret'), join(place, 'files', 'file'));
    const reader = openObjects({ place, access: null }, systemClock);
    for await (const { key } of reader.list('')) expect(key).not.toMatch(/linked|file$|secret/);
    await expect(reader.get('files/linked/secret')).rejects.toSatisfy(code('STORAGE_DENIED'));
    await expect(reader.get('files/file')).rejects.toSatisfy(code('STORAGE_OBJECT_MISSING'));
  });

  it('may lie behind a link themselves', async () => {
    const link = join(await temporaryFolder(), 'link');
    await symlink(await folder(), link);
    const reader = openObjects({ place: link, access: null }, systemClock);
    expect(await reader.has('files/insert_log/451/452/453/0/1')).toBe(true);
  });

  it('are not there where the folder is not', async () => {
    const place = await folder();
    await rm(place, { recursive: true });
    const reader = openObjects({ place, access: null }, systemClock);
    const drain = async (): Promise<void> => {
      for await (const one of reader.list('')) expect(one).toBeUndefined();
    };
    for (const call of [drain, () => reader.get('files/x'), () => reader.has('files/x')]) {
      await expect(call()).rejects.toSatisfy(code('STORAGE_UNREACHABLE'));
    }
  });
});

describe('the files of Milvus in a bucket', () => {
  const store = s3Server('versitygw');
  readerTests(async () => {
    const place = await store.newPlace('milvus/root');
    const { accessKey, secretKey, endpoint } = store.server();
    const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
    const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
    for (const [key, Body] of Object.entries(FILES)) {
      await client.send(new PutObjectCommand({ Bucket: place.split('/')[2], Key: `milvus/root/${key}`, Body }));
    }
    client.destroy();
    return { place, access: store.access() };
  });

  it('are refused with wrong keys, and not there without a bucket', async () => {
    const credentials = { accessKey: secret('tester'), secretKey: secret('wrong'), sessionToken: null };
    const place = await store.newPlace();
    const wrong = openObjects({ place, access: store.access({ credentials }) }, systemClock);
    await expect(wrong.get('a')).rejects.toSatisfy(code('STORAGE_DENIED'));
    const none = openObjects({ place: 's3://no-such-bucket-here', access: store.access() }, systemClock);
    await expect(none.has('a')).rejects.toSatisfy(code('STORAGE_UNREACHABLE'));
  });
});
