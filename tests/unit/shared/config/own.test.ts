import { expect, test } from 'vitest';
import { configSummary, parseConfig, type Config } from '@milvault/shared';

/** A file that says only what it must. */
const SMALL = {
  sources: [{ name: 'prod', address: 'milvus.internal' }],
  repositories: [{ name: 'disk', place: 'backups' }],
  plans: [{ name: 'daily', source: 'prod', repository: 'disk', full: '0 2 * * 0', incremental: '02:30' }],
};
const parse = (file: unknown, name = '/etc/milvault/milvault.json'): Config =>
  parseConfig(typeof file === 'string' ? file : JSON.stringify(file), { env: {}, file: name });

test('without a file there are defaults and nothing else', () => {
  const config = parseConfig('{}', { env: {} });
  expect(config.redis.reveal()).toBe('redis://127.0.0.1:6379');
  expect(config).toMatchObject({
    file: null,
    notices: [],
    api: { host: '127.0.0.1', port: 8787, adminToken: null, boardWritable: false },
    log: { level: 'info', file: null },
    client: { api: 'http://127.0.0.1:8787', token: null },
    sources: [],
    repositories: [],
    plans: [],
    channels: [],
    cleanup: '0 3 * * *',
    health: '0 * * * *',
    timeZone: 'UTC',
  });
});

test('a small file is filled with the defaults', () => {
  const config = parse(SMALL);
  expect(config.sources).toEqual([
    { name: 'prod', address: 'milvus.internal:19530', tls: false, credentials: null, storage: null },
  ]);
  expect(config.repositories).toEqual([{ name: 'disk', place: '/etc/milvault/backups', access: null }]);
  expect(config.plans).toEqual([
    {
      name: 'daily',
      source: 'prod',
      repository: 'disk',
      collections: ['*'],
      engine: 'auto',
      timeZone: 'UTC',
      full: '0 2 * * 0',
      incremental: '30 2 * * *',
      base: 'last',
      chain: { links: 14, days: 30 },
      consistency: 'fuzzy',
      check: '0 5 * * 0',
      checkLevel: 3,
      checkRuns: 4,
      drill: null,
      drillTarget: null,
      drillRuns: null,
      maxRunHours: 24,
      verify: 2,
      retention: { days: 7 },
      maxAgeHours: 24,
      enabled: true,
    },
  ]);
});

test('YAML says the same as JSON', () => {
  const yaml = `
sources:
  - { name: prod, address: milvus.internal }
repositories:
  - { name: disk, place: backups }
plans:
  - name: daily
    source: prod
    repository: disk
    full: 0 2 * * 0
    incremental: 02:30 # YAML 1.1 would read a number in base 60 here
`;
  const fromYaml = parse(yaml, '/etc/milvault/milvault.yaml');
  expect(configSummary({ ...fromYaml, file: null })).toEqual(configSummary({ ...parse(SMALL), file: null }));
});

test('an empty YAML file is a file that sets nothing', () => {
  expect(parse('# nothing yet\n', 'milvault.yml').plans).toEqual([]);
});

test('a byte order mark at the start is no fault', () => {
  expect(parse('\uFEFF{"timeZone": "Asia/Tokyo"}').timeZone).toBe('Asia/Tokyo');
});

test('credentials come from a token, or from user and password', () => {
  const source = (more: object): Config => parse({ sources: [{ name: 'prod', address: 'm', ...more }] });
  expect(source({ token: 'abc' }).sources[0]?.credentials?.reveal()).toBe('abc');
  expect(source({ user: 'root', password: 'Mil:vus' }).sources[0]?.credentials?.reveal()).toBe('root:Mil:vus');
});

test.each([
  ['https://milvus.internal:443', {}, true],
  ['http://milvus.internal', {}, false],
  ['milvus.internal', { tls: true }, true],
])('the address %s with %j uses TLS: %s', (address, more, tls) => {
  expect(parse({ sources: [{ name: 'prod', address, ...more }] }).sources[0]?.tls).toBe(tls);
});

test('a plan without a time zone takes that of the file', () => {
  const plan = SMALL.plans[0];
  const plans = [plan, { ...plan, name: 'other', timeZone: 'UTC' }];
  const config = parse({ ...SMALL, timeZone: 'Europe/Berlin', plans });
  expect(config.plans.map((one) => one.timeZone)).toEqual(['Europe/Berlin', 'UTC']);
});

test.each([
  ['daily', { full: '02:00' }, 24],
  ['weekly', { full: '0 2 * * 0' }, 7 * 24 + 24],
  ['weekly and daily', { full: '0 2 * * 0', incremental: '02:00' }, 24],
  ['every second day of the month', { full: '0 2 */2 * *' }, 72],
  ['monthly', { full: '0 2 1 * *' }, 31 * 24 + 24],
  ['on weekdays', { full: '0 2 * * 1-5' }, 3 * 24 + 24],
  ['weekly, with a limit of its own', { full: '0 2 * * 0', maxAgeHours: 5 }, 5],
])('a plan that runs %s is overdue after its longest pause', (_when, schedule, hours) => {
  const plan = { name: 'daily', source: 'prod', repository: 'disk' };
  expect(parse({ ...SMALL, plans: [{ ...plan, ...schedule }] }).plans[0]?.maxAgeHours).toBe(hours);
});

test('a collection that is named twice is saved once', () => {
  const plans = [{ ...SMALL.plans[0], collections: ['a', 'db.b', 'a', 'db.*'] }];
  expect(parse({ ...SMALL, plans }).plans[0]?.collections).toEqual(['a', 'db.b', 'db.*']);
});

test('channels are complete', () => {
  const channels = [
    { kind: 'email', name: 'ops', from: 'Backups <backups@example.org>', to: ['ops@example.org'], host: 'mail' },
    { kind: 'slack', name: 'chat', webhook: 'https://hooks.slack.com/services/T0/B0/xyz' },
  ];
  const config = parse({ channels });
  expect(config.channels[0]).toEqual({ ...channels[0], port: 25, secure: false, user: null, password: null });
  expect(config.channels[1]?.kind === 'slack' && config.channels[1].webhook.reveal()).toBe(channels[1]?.webhook);
});

test.each([
  [{ host: '0.0.0.0', port: 1 }, 'http://127.0.0.1:1'],
  [{ host: '::', port: 1 }, 'http://127.0.0.1:1'],
  [{ host: '::1', port: 1 }, 'http://[::1]:1'],
  [{ host: 'backup.internal' }, 'http://backup.internal:8787'],
])('the command line speaks to the API at %j', (api, address) => {
  expect(parse({ api }).client.api).toBe(address);
});

test('the command line may speak to another API', () => {
  expect(parse({ client: { api: 'https://backup.internal/' } }).client.api).toBe('https://backup.internal');
});

test('a summary shows everything but the secrets', () => {
  const secrets = ['s3cr3t-redis', 's3cr3t-admin', 's3cr3t-token', 's3cr3t-password', 's3cr3t-hook', 's3cr3t-mail'];
  const [redis, admin, token, password, hook, mail] = secrets;
  const config = parse({
    ...SMALL,
    redis: `rediss://user:${redis}@redis.internal:6380/2`,
    api: { adminToken: admin },
    client: { token },
    sources: [{ name: 'prod', address: 'm', user: 'root', password }],
    channels: [
      { kind: 'slack', name: 'chat', webhook: `https://hooks.slack.com/services/${hook}` },
      { kind: 'email', name: 'ops', from: 'a@b', to: ['c@d'], host: 'mail', user: 'u', password: mail },
    ],
  });
  const summary = configSummary(config);
  const text = JSON.stringify(summary);
  for (const secret of secrets) expect(text).not.toContain(secret);
  expect(summary['redis']).toBe('rediss://redis.internal:6380/2');
  expect(text).toContain('"adminToken":"[secret]"');
  expect(Object.keys(summary).sort()).toEqual(Object.keys(config).sort());
});
