import { fail, hasCode, secret, systemClock, toErrorRecord, type ErrorCode, type S3Access } from '@milvault/shared';
import { initRepository, probeStorage } from '@milvault/repository';
import { describe, expect, it } from 'vitest';
import { createS3Storage } from '../../../packages/repository/src/storage/s3/s3.ts';
import { faultyProxy, type WireFault } from '../../support/faulty-proxy.ts';
import { takeBackup } from '../../support/repository.ts';
import { drain, KEY, LIMITS, on, stageOn, VALUE, type Stage } from '../../support/s3-faults.ts';
import { s3Server } from '../../support/s3-servers.ts';

const store = s3Server('versitygw');

const stage = (changes: Partial<S3Access> = {}): Promise<Stage> => stageOn(store, changes);

const thrown = async (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => Promise.reject(new Error('expected a fault, got none')),
    (error: unknown) => error as Error,
  );

describe('an answer that was lost', () => {
  it.each([
    'lose-answer',
    { status: 500, code: 'InternalError' },
    { status: 409, code: 'ConditionalRequestConflict' },
  ] as const)('on a create (%j) leaves exactly one winner, who knows it', async (fault) => {
    const { driver, direct, proxy } = await stage();
    proxy.set(on('PUT', KEY, fault, 1));
    expect(await driver.create(KEY, VALUE)).toBe('created');
    expect(await driver.create(KEY, VALUE)).toBe('exists');
    expect(Buffer.compare(await direct.get(KEY), VALUE)).toBe(0);
  });

  it('is found out to be a lost race where another was first', async () => {
    const { driver, direct, proxy } = await stage();
    await direct.create(KEY, Buffer.from('theirs'));
    proxy.set(on('PUT', KEY, 'lose-answer', 1));
    expect(await driver.create(KEY, VALUE)).toBe('exists');
  });

  it('on every try is read back at the end', async () => {
    const { driver, proxy } = await stage();
    proxy.set(on('PUT', KEY, 'lose-answer'));
    expect(await driver.create(KEY, VALUE)).toBe('created');
  });

  it('where nothing was done is a failed write', async () => {
    const { driver, direct, proxy } = await stage();
    proxy.set(on('PUT', KEY, 'reset'));
    expect(hasCode(await thrown(driver.create(KEY, VALUE)), 'REPO_WRITE_FAILED')).toBe(true);
    expect(await direct.stat(KEY)).toBeNull();
  });

  it('on a put is written again', async () => {
    const { driver, direct, proxy } = await stage();
    proxy.set(on('PUT', KEY, 'lose-answer', 2));
    await driver.put(KEY, VALUE);
    expect(Buffer.compare(await direct.get(KEY), VALUE)).toBe(0);
  });
});

describe('a store in trouble', () => {
  it('is asked again through 503, 500, 429, resets and silence, and a whole backup gets through', async () => {
    const proxy = await faultyProxy(store.server().endpoint);
    const faults: WireFault[] = [
      { status: 503, code: 'SlowDown' },
      { status: 500, code: 'InternalError' },
      { status: 429, code: 'TooManyRequests' },
      'reset',
      'hang',
    ];
    const access = store.access({ endpoint: proxy.endpoint });
    const storage = createS3Storage(await store.newPlace(), access, systemClock, { ...LIMITS, tries: 8 });
    const repository = await initRepository('', { clock: systemClock, storage });
    // Every third call fails, each time in another way.
    proxy.set(({ count }) => (count % 3 === 0 ? (faults[(count / 3) % faults.length] ?? null) : null));
    const backup = await takeBackup(repository, { rows: 40, rowsPerChunk: 10 });
    expect((await repository.verify(backup.id, { level: 3 })).result).toBe('ok');
    proxy.set(null);
    expect((await repository.verify(backup.id, { level: 3 })).result).toBe('ok');
  }, 60_000);

  it.each([
    ['gives up a store that only says 503', { status: 503, code: 'SlowDown' }, /503|SlowDown/],
    ['gives up a connection that stays silent', 'hang', /time|inactivity/],
    ['gives up a connection that trickles', 'drip', /time|cut|got/],
    ['gives up a connection that breaks', 'reset', /ECONNRESET|hang up/],
  ] as const)(
    '%s, after a bounded number of tries',
    async (_name, fault, words) => {
      const { driver, direct, proxy } = await stage();
      await direct.put(KEY, Buffer.alloc(2_000, 'x'));
      proxy.set(on('GET', KEY, fault));
      const before = proxy.calls();
      const error = await thrown(driver.get(KEY));
      expect(hasCode(error, 'REPO_READ_FAILED'), error.message).toBe(true);
      expect(error.message).toMatch(words);
      expect(proxy.calls() - before).toBe(LIMITS.tries);
    },
    30_000,
  );

  it('never takes half an answer for an object', async () => {
    const { driver, direct, proxy } = await stage();
    const value = Buffer.alloc(100_000, 'abc');
    await direct.put(KEY, value);
    proxy.set(on('GET', KEY, 'truncate', 1));
    expect(Buffer.compare(await driver.get(KEY), value)).toBe(0);
    proxy.set(on('GET', KEY, 'truncate', 1));
    expect(Buffer.compare(await driver.getRange(KEY, 10, 50_000), value.subarray(10, 50_010))).toBe(0);
    proxy.set(on('GET', KEY, 'truncate'));
    expect(hasCode(await thrown(driver.get(KEY)), 'REPO_READ_FAILED')).toBe(true);
  });

  it('never gives a part of a list', async () => {
    const { driver, direct, proxy } = await stage();
    const keys = Array.from({ length: 1_100 }, (_, i) => `data/x/${String(i).padStart(5, '0')}`);
    for (let from = 0; from < keys.length; from += 50) {
      await Promise.all(keys.slice(from, from + 50).map((key) => direct.put(key, Buffer.from('x'))));
    }
    proxy.set(on('GET', 'continuation-token', { status: 500, code: 'InternalError' }, 2));
    expect(await drain(driver, 'data/')).toEqual(keys);
    proxy.set(on('GET', 'continuation-token', { status: 500, code: 'InternalError' }));
    expect(hasCode(await thrown(drain(driver, 'data/')), 'REPO_READ_FAILED')).toBe(true);
  }, 60_000);

  it('is not believed to be empty where its list does not even show repo.json', async () => {
    const { driver, direct, proxy, place } = await stage();
    await direct.put(KEY, VALUE);
    // The list of another, empty prefix in the place of the right one.
    const empty = createS3Storage(`${place}-not`, store.access(), systemClock, LIMITS);
    expect(await empty.isEmpty()).toBe(true);
    proxy.set(({ url }) => (url.includes('list-type=2') ? { status: 200, code: 'Nothing' } : null));
    expect(hasCode(await thrown(drain(driver, 'slots/')), 'REPO_READ_FAILED')).toBe(true);
  });
});

describe('what a person must mend', () => {
  const cases: readonly [string, ErrorCode, RegExp, Partial<S3Access>, WireFault | null][] = [
    ['no right', 'REPO_ACCESS_DENIED', /rights/, {}, { status: 403, code: 'AccessDenied' }],
    ['a clock that is wrong', 'REPO_ACCESS_DENIED', /clock/, {}, { status: 403, code: 'RequestTimeTooSkewed' }],
    ['keys that expired', 'REPO_ACCESS_DENIED', /expire/, {}, { status: 400, code: 'ExpiredToken' }],
    ['a bucket that is gone', 'REPO_NOT_A_REPOSITORY', /bucket/, {}, { status: 404, code: 'NoSuchBucket' }],
    ['an endpoint that refuses', 'REPO_READ_FAILED', /endpoint/, { endpoint: 'http://127.0.0.1:9' }, null],
    ['a host that is none', 'REPO_READ_FAILED', /endpoint/, { endpoint: 'http://no-such-host.invalid' }, null],
    [
      'a key that is wrong',
      'REPO_ACCESS_DENIED',
      /secretKey/,
      { credentials: { accessKey: secret('tester'), secretKey: secret('wrong-0123456789'), sessionToken: null } },
      null,
    ],
    [
      'a key that nobody knows',
      'REPO_ACCESS_DENIED',
      /accessKey/,
      { credentials: { accessKey: secret('nobody-9'), secretKey: secret('wrong-0123456789'), sessionToken: null } },
      null,
    ],
  ];

  it.each(cases)(
    '%s is told as what it is, with the next step and without keys',
    async (_name, code, next, changes, fault) => {
      const { driver, proxy } = await stage(changes);
      if (fault !== null) proxy.set(() => fault);
      for (const call of [
        () => driver.get(KEY),
        () => driver.stat(KEY),
        () => drain(driver, ''),
        () => driver.isEmpty(),
      ]) {
        const error = await thrown(call());
        expect(hasCode(error, code), error.message).toBe(true);
        const record = JSON.stringify(toErrorRecord(error));
        expect(toErrorRecord(error).next).toMatch(next);
        expect(record).not.toMatch(/wrong-0123456789|nobody-9|tester-secret/);
      }
    },
    30_000,
  );

  it.each([
    [{ status: 403, code: 'AccessDenied' }, 'REPO_NOT_WRITABLE'],
    [{ status: 507, code: 'XMinioStorageFull' }, 'REPO_FULL'],
    [{ status: 403, code: 'QuotaExceeded' }, 'REPO_FULL'],
    [{ status: 400, code: 'EntityTooLarge' }, 'REPO_WRITE_FAILED'],
  ] as const)('a write that is refused with %j is %s', async (fault, code) => {
    const { driver, direct, proxy } = await stage();
    proxy.set(on('PUT', KEY, fault));
    for (const call of [() => driver.put(KEY, VALUE), () => driver.create(KEY, VALUE)]) {
      const error = await thrown(call());
      expect(hasCode(error, code), error.message).toBe(true);
    }
    expect(await direct.stat(KEY)).toBeNull();
  });

  it('a delete that is refused is told, and nothing is gone', async () => {
    const { driver, direct, proxy } = await stage();
    await direct.put(KEY, VALUE);
    proxy.set(on('DELETE', KEY, { status: 403, code: 'AccessDenied' }));
    expect(hasCode(await thrown(driver.remove(KEY)), 'REPO_NOT_WRITABLE')).toBe(true);
    expect(await direct.stat(KEY)).not.toBeNull();
  });

  it('keys that may not delete are no reason to refuse a store: the probe says what follows', async () => {
    const proxy = await faultyProxy(store.server().endpoint);
    const access = store.access({ endpoint: proxy.endpoint });
    const storage = createS3Storage(await store.newPlace(), access, systemClock, LIMITS);
    proxy.set(on('DELETE', '', { status: 403, code: 'AccessDenied' }));
    const report = await probeStorage(storage, systemClock, { keys: 3 });
    expect(report.safe).toBe(true);
    expect(report.findings.find(({ name }) => name === 'remove')).toMatchObject({ result: 'weak' });
    const repository = await initRepository('', { clock: systemClock, storage });
    expect((await takeBackup(repository)).status).toBe('complete');
  });

  it('a store that forgets to list is found out', async () => {
    const proxy = await faultyProxy(store.server().endpoint);
    const access = store.access({ endpoint: proxy.endpoint });
    const storage = createS3Storage(await store.newPlace(), access, systemClock, LIMITS);
    proxy.set(({ url }) => (url.includes('list-type=2') ? { status: 200, code: 'Nothing' } : null));
    const report = await probeStorage(storage, systemClock, { keys: 3 });
    expect(report.findings.find(({ name }) => name === 'list-after-write')).toMatchObject({ result: 'failed' });
    expect(report.safe).toBe(false);
  });

  it('has words of its own in the table', () => {
    for (const code of ['REPO_ACCESS_DENIED', 'REPO_STORE_UNSAFE', 'STORAGE_DENIED'] as const) {
      expect(fail(code).next).not.toBe('');
    }
  });
});
