import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, systemClock } from '@milvault/shared';
import { initRepository, openStorage, probeStorage } from '@milvault/repository';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { GOOD_STORES, s3Server } from '../../support/s3-servers.ts';

const PROMISES = [
  'read-after-write',
  'create-only',
  'create-race',
  'list-after-write',
  'torn-write',
  'checksum',
  'remove',
  'clock',
];

describe('a probe', () => {
  it('finds a folder safe, and leaves nothing in it', async () => {
    const place = join(await temporaryFolder(), 'repo');
    await initRepository(place, { clock: systemClock });
    const driver = openStorage(place, systemClock);
    const report = await probeStorage(driver, systemClock, { keys: 30 });
    expect(report).toMatchObject({ safe: true, place });
    expect(report.findings.map(({ name }) => name)).toEqual(PROMISES);
    for await (const { key } of driver.list('')) expect(key).toBe('repo.json');
  });

  it('writes nothing into a folder that is no repository', async () => {
    const place = join(await temporaryFolder(), 'mount');
    await mkdir(place);
    const probing = probeStorage(openStorage(place, systemClock), systemClock);
    await expect(probing).rejects.toSatisfy((error) => hasCode(error, 'REPO_NOT_A_REPOSITORY'));
  });

  for (const kind of GOOD_STORES) {
    describe(`of ${kind}`, () => {
      const store = s3Server(kind);

      it('finds it safe, with more objects than one answer lists, and leaves nothing', async () => {
        const place = await store.newPlace();
        const report = await probeStorage(openStorage(place, systemClock, store.access()), systemClock);
        expect(report.findings.filter(({ result }) => result === 'failed')).toEqual([]);
        expect(report.safe).toBe(true);
        expect(report.findings.find(({ name }) => name === 'list-after-write')?.detail).toContain('1001');
        expect(await store.keys(place)).toEqual([]);
      }, 120_000);
    });
  }

  describe('of s3rver, which ignores the condition', () => {
    const store = s3Server('s3rver');

    it('says so', async () => {
      const driver = openStorage(await store.newPlace(), systemClock, store.access());
      const report = await probeStorage(driver, systemClock, { keys: 5 });
      expect(report.safe).toBe(false);
      const broken = report.findings.find(({ name }) => name === 'create-only');
      expect(broken).toMatchObject({ result: 'failed', required: true });
      expect(broken?.detail).toContain('If-None-Match');
    });

    it('keeps a repository from being made there', async () => {
      const place = await store.newPlace();
      const making = initRepository(place, { clock: systemClock, access: store.access() });
      await expect(making).rejects.toSatisfy((error) => hasCode(error, 'REPO_STORE_UNSAFE'));
      await expect(making).rejects.toThrow(/If-None-Match/);
      expect((await store.keys(place)).filter((key) => key.endsWith('repo.json'))).toEqual([]);
    });
  });
});
