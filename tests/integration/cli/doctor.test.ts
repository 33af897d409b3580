import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startWorker, type Diagnosis, type RunningWorker } from '@milvault/jobs';
import { initRepository } from '@milvault/repository';
import { parseConfig, secret, silentLogger, systemClock } from '@milvault/shared';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../scripts/parts/free-port.ts';
import { milvault } from '../../support/cli.ts';
import { setUpThatIsWell, type Json, type SetUp, type SetUpInFolder } from '../../support/doctor.ts';
import { engineCase } from '../../support/engine-case.ts';
import { addressOf, engineDeps } from '../../support/engine-run.ts';
import { ownRedis, type OwnRedis } from '../../support/jobs/own-redis.ts';
import { takeBackup } from '../../support/repository.ts';
import { s3Server } from '../../support/s3-servers.ts';
import { servers } from '../../support/servers.ts';

describe('milvault doctor', () => {
  const given = engineCase(() => servers().milvus, ['partitions', 'scalars']);
  const store = s3Server('versitygw');
  let redis: OwnRedis;
  let worker: RunningWorker | null = null;

  beforeAll(async () => {
    redis = await ownRedis();
    const config = { ...parseConfig('{}', { env: {} }), redis: secret(redis.url) };
    worker = await startWorker(config, { clock: systemClock, logger: silentLogger });
  });
  afterAll(async () => {
    await worker?.close();
    await redis.close();
  });

  const wellSetUp = (): Promise<SetUpInFolder> => setUpThatIsWell(redis.url, given.ref('partitions').collection);

  async function examined({ folder, ...setUp }: Json & { readonly folder: string }): Promise<{
    readonly found: readonly Diagnosis[];
    readonly code: number;
  }> {
    const file = path.join(folder, 'milvault.json');
    await writeFile(file, JSON.stringify(setUp));
    const said = await milvault(['doctor', '--json', '--config', file], { folder });
    return { found: said.json<Diagnosis[]>(), code: said.code };
  }

  test('finds nothing to mend where all is well', async () => {
    const { found, code } = await examined(await wellSetUp());
    expect(found.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(found.map(({ part, subject }) => `${part} ${subject}`.trim())).toEqual(
      expect.arrayContaining([
        'configuration',
        'redis',
        'workers',
        'source milvus',
        'repository main',
        'plan nightly',
        'channel mail',
        'channel chat',
      ]),
    );
    expect(code).toBe(0);
  });

  test('says it in words on a terminal', async () => {
    const { folder, ...setUp } = await wellSetUp();
    const file = path.join(folder, 'milvault.json');
    await writeFile(file, JSON.stringify({ ...setUp, channels: [] }));
    const said = await milvault(['doctor', '--config', file], { folder });
    expect(said.out).toMatch(/^see {2}channel: Nobody is told when a backup fails\n {5}Add an e-mail/);
    expect(said.out).toMatch(/\nNothing to mend, 1 to look at\n$/);
    expect(said.code).toBe(0);
  });

  type Break = (setUp: SetUpInFolder) => Promise<void> | void;
  type Broken = readonly [name: string, state: 'bad' | 'doubt', part: string, what: RegExp, breaks: Break];

  const withRedis =
    (settings: Readonly<Record<string, string>>): Break =>
    async (setUp) => {
      const own = await ownRedis(settings);
      onTestFinished(own.close);
      setUp.redis = own.url;
    };
  const placeOf = (setUp: SetUp): string => String(setUp.repositories[0]['place']);

  const BROKEN: readonly Broken[] = [
    [
      'a word of the file is misspelt',
      'bad',
      'configuration',
      /CONFIG_INVALID.*did you mean `plans`/s,
      (s) => void (s['plan'] = []),
    ],
    [
      'no Milvus is configured',
      'bad',
      'configuration',
      /No Milvus/,
      (s) => void Object.assign(s, { sources: [], plans: [] }),
    ],
    ['there is no plan', 'bad', 'configuration', /Nothing is backed up/, (s) => void Object.assign(s, { plans: [] })],
    [
      'Redis is not there',
      'bad',
      'redis',
      /REDIS_UNREACHABLE/,
      async (s) => void (s.redis = `redis://127.0.0.1:${String(await freePort())}`),
    ],
    ['Redis throws keys away', 'bad', 'redis', /REDIS_EVICTS/, withRedis({ 'maxmemory-policy': 'allkeys-lru' })],
    ['Redis forgets at a restart', 'bad', 'redis', /REDIS_FORGETS/, withRedis({ appendonly: 'no' })],
    ['no worker runs', 'bad', 'workers', /no worker/, withRedis({})],
    [
      'Milvus is not there',
      'bad',
      'source milvus',
      /SOURCE_UNREACHABLE/,
      async (s) => void (s.sources[0]['address'] = `127.0.0.1:${String(await freePort())}`),
    ],
    [
      'something else answers at its address',
      'bad',
      'source milvus',
      /SOURCE_/,
      (s) => void (s.sources[0]['address'] = redis.url.replace('redis://', '')),
    ],
    ['Milvus speaks no TLS', 'bad', 'source milvus', /SOURCE_/, (s) => void (s.sources[0]['tls'] = true)],
    [
      'its files are not where it was told',
      'doubt',
      'source milvus',
      /files cannot be copied/,
      (s) => void (s.sources[0]['storage'] = { place: '/nonexistent/milvus' }),
    ],
    [
      'its backup tool is not there',
      'doubt',
      'source milvus',
      /tool is not used/,
      async (s) => void (s.sources[0]['tool'] = `http://127.0.0.1:${String(await freePort())}`),
    ],
    [
      'a collection of the plan does not exist',
      'bad',
      'plan nightly',
      /COLLECTION_NOT_FOUND/,
      (s) => void (s.plans[0]['collections'] = ['nobody_made_this']),
    ],
    [
      'a collection of the plan is not loaded',
      'bad',
      'plan nightly',
      /has not loaded/,
      async (s) => {
        const client = engineDeps.connect(addressOf(servers().milvus));
        await client.release(given.ref('scalars'));
        client.close();
        s.plans[0]['collections'] = [given.ref('scalars').collection];
      },
    ],
    [
      'the plan wants more than the engine gives',
      'bad',
      'plan nightly',
      /at best/,
      (s) => void (s.plans[0]['consistency'] = 'pinned'),
    ],
    ['no backup is ever tried', 'doubt', 'plan nightly', /tried by a restore/, (s) => void delete s.plans[0]['drill']],
    ['the plan is switched off', 'doubt', 'plan nightly', /switched off/, (s) => void (s.plans[0]['enabled'] = false)],
    ['the plan has no backup', 'doubt', 'plan other', /no good backup yet/, (s) => void (s.plans[0]['name'] = 'other')],
    [
      'the newest backup is too old',
      'bad',
      'plan nightly',
      /is 9\d? days|old/,
      async (s) => {
        const place = path.join(s.folder, 'old');
        const clock = { ...systemClock, now: () => systemClock.now() - 90 * 86_400_000 };
        await takeBackup(await initRepository(place, { clock }), { plan: 'nightly' });
        s.repositories[0]['place'] = place;
      },
    ],
    [
      'its only backup is damaged',
      'bad',
      'plan nightly',
      /found damage in full_/,
      async (s) => {
        const repository = await initRepository(placeOf(s), { clock: systemClock });
        const [backup] = await repository.list();
        const report = { level: 2, result: 'damaged', at: systemClock.now() } as const;
        await repository.addProof(backup?.id ?? '', report, {});
      },
    ],
    [
      'the folder of the repository is not mounted',
      'bad',
      'repository main',
      /REPO_NOT_A_REPOSITORY/,
      (s) => rename(placeOf(s), `${placeOf(s)}-away`),
    ],
    [
      'the folder of the repository holds something else',
      'bad',
      'repository main',
      /REPO_NOT_A_REPOSITORY/,
      async (s) => {
        const other = path.join(s.folder, 'photos');
        await mkdir(other);
        await writeFile(path.join(other, 'cat.jpg'), 'x');
        s.repositories[0]['place'] = other;
      },
    ],
    [
      'the bucket is not there',
      'bad',
      'repository main',
      /REPO_|bucket/i,
      (s) => inBucket(s, 's3://nobody-made-this/x', store),
    ],
    [
      'the keys of the bucket are wrong',
      'bad',
      'repository main',
      /REPO_ACCESS_DENIED/,
      async (s) => inBucket(s, await store.newPlace(), store, { secretKey: 'wrong-wrong-wrong' }),
    ],
    [
      'the mail server is not there',
      'bad',
      'channel mail',
      /CHANNEL_FAILED/,
      async (s) => void (s.channels[0]['port'] = await freePort()),
    ],
    [
      'the mail server does not take the password',
      'bad',
      'channel mail',
      /CHANNEL_REJECTED.*535/,
      (s) => void (s.channels[0]['password'] = 'wrong'),
    ],
    [
      'the chat is not there',
      'bad',
      'channel chat',
      /CHANNEL_FAILED/,
      async (s) => void (s.channels[1]['webhook'] = `http://127.0.0.1:${String(await freePort())}/x`),
    ],
    ['nobody is told', 'doubt', 'channel', /Nobody is told/, (s) => void Object.assign(s, { channels: [] })],
  ];

  function inBucket(setUp: SetUp, place: string, { server }: typeof store, changes: Json = {}): void {
    const { endpoint, accessKey, secretKey } = server();
    setUp.repositories = [
      { name: 'main', place, s3: { endpoint, accessKey, secretKey, region: 'us-east-1', ...changes } },
    ];
  }

  test('knows at least twenty broken set-ups', () => {
    expect(BROKEN.length).toBeGreaterThanOrEqual(20);
  });

  test.each(BROKEN)('%s: %s', { timeout: 60_000 }, async (_name, state, subject, what, breaks) => {
    const setUp = await wellSetUp();
    await breaks(setUp);
    const { found, code } = await examined(setUp);
    const told = found.filter((one) => one.state !== 'ok');
    const about = told.filter(({ part, subject: name }) => `${part} ${name}`.trim() === subject);
    expect(
      about.map((one) => [one.state, one.what]),
      JSON.stringify(told),
    ).toEqual([[state, expect.stringMatching(what)]]);
    expect(about.every(({ next }) => next.length > 10)).toBe(true);
    expect(code).toBe(state === 'bad' ? 1 : 0);
  });
});
