import { expect, test } from 'vitest';
import { isMilvaultError, parseConfig, type Config, type Fault } from '@milvault/shared';

/** The original's example, with each of its keys. */
const EXAMPLE = {
  backup_api: 'http://localhost:8080/api/v1',
  backup_dir: '/data/milvus-backup',
  retention_days: 14,
  jobs: [
    { type: 'full', time: '02:00', collections: ['documents', 'images'] },
    { type: 'incremental', time: '03:30', collections: ['documents', 'images'] },
  ],
  email_alerts: true,
  email_from: 'backup@example.org',
  email_to: ['ops@example.org', 'dba@example.org'],
  smtp_server: 'mail.example.org',
  slack_webhook: 'https://hooks.slack.com/services/T0/B0/xyz',
};

const parse = (file: object, env = {}): Config =>
  parseConfig(JSON.stringify(file), { env, timeZone: 'Europe/Berlin', file: '/etc/milvault/config.json' });

function faultsOf(file: object): string[] {
  try {
    parse(file);
  } catch (error) {
    if (!isMilvaultError(error)) throw error;
    return (error.details?.['faults'] as Fault[]).map((fault) => fault.path);
  }
  return [];
}

test('the file is accepted unchanged and its jobs become plans', () => {
  const config = parse(EXAMPLE);
  const tool = 'http://localhost:8080/api/v1';
  expect(config.sources).toEqual([
    { name: 'milvus', address: '127.0.0.1:19530', tls: false, credentials: null, storage: null, tool },
  ]);
  expect(config.repositories).toEqual([{ name: 'backups', place: '/data/milvus-backup/milvault', access: null }]);
  expect(config.plans).toEqual([
    {
      name: 'plan-1',
      source: 'milvus',
      repository: 'backups',
      collections: ['documents', 'images'],
      engine: 'auto',
      timeZone: 'Europe/Berlin',
      full: '0 2 * * 0',
      incremental: '30 3 * * *',
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
      retention: { days: 14 },
      maxAgeHours: 24,
      enabled: true,
    },
  ]);
  expect(config).toMatchObject({ cleanup: '0 3 * * *', health: '0 * * * *', timeZone: 'Europe/Berlin' });
});

test('its alerts become channels', () => {
  const [email, slack, ...others] = parse(EXAMPLE).channels;
  expect(email).toEqual({
    kind: 'email',
    name: 'email',
    from: 'backup@example.org',
    to: ['ops@example.org', 'dba@example.org'],
    host: 'mail.example.org',
    port: 25,
    secure: false,
    user: null,
    password: null,
  });
  expect(slack?.kind === 'slack' && slack.webhook.reveal()).toBe(EXAMPLE.slack_webhook);
  expect(others).toEqual([]);
});

test('its owner is told what is different now', () => {
  const { notices } = parse(EXAMPLE, { MILVUS_ADDRESS: 'milvus.internal:1' });
  expect(notices.join('\n')).toMatch(/looks who answers at backup_api.*reads Milvus itself, at milvus\.internal:1/);
  expect(notices.join('\n')).toMatch(/Full jobs run on Sundays.*Europe\/Berlin/);
  expect(notices.join('\n')).toContain('plan-1: full and incremental backups of documents, images');
});

test('the environment says where Milvus is and which time zone holds', () => {
  const config = parse(EXAMPLE, { MILVUS_ADDRESS: 'https://m:1', MILVUS_TOKEN: 't', MILVAULT_TIME_ZONE: 'UTC' });
  expect(config.sources[0]).toMatchObject({ name: 'milvus', address: 'm:1', tls: true });
  expect(config.sources[0]?.credentials?.reveal()).toBe('t');
  expect(config.plans[0]?.timeZone).toBe('UTC');
});

test('the smallest file has the original defaults', () => {
  const config = parse({ backup_dir: 'data', jobs: [] });
  expect(config.repositories).toEqual([{ name: 'backups', place: '/etc/milvault/data', access: null }]);
  expect(config.channels).toEqual([]);
  expect(config.notices.at(-1)).toBe('The file has no jobs, so nothing is backed up by schedule');
  expect(parse({ backup_dir: 'd', jobs: [{ type: 'full', time: '00:00' }] }).plans[0]).toMatchObject({
    retention: { days: 7 },
    collections: ['*'],
  });
});

test('jobs of the same collections in any order are one plan, others and second ones get their own', () => {
  const job = (type: string, time: string, ...collections: string[]) => ({ type, time, collections });
  const jobs = [
    job('incremental', '01:00', 'a', 'b'),
    job('full', '02:00', 'b', 'a', 'b'),
    job('full', '03:00', 'c'),
    job('incremental', '04:00', 'a', 'b'),
  ];
  const { plans, notices } = parse({ backup_dir: 'd', jobs });
  expect(
    plans.map(({ name, collections, full, incremental, maxAgeHours }) => ({
      name,
      collections,
      full,
      incremental,
      maxAgeHours,
    })),
  ).toEqual([
    { name: 'plan-1', collections: ['a', 'b'], full: '0 2 * * 0', incremental: '0 1 * * *', maxAgeHours: 24 },
    { name: 'plan-2', collections: ['c'], full: '0 3 * * 0', incremental: null, maxAgeHours: 192 },
    { name: 'plan-3', collections: ['a', 'b'], full: null, incremental: '0 4 * * *', maxAgeHours: 24 },
  ]);
  expect(notices).toContain(
    'plan-3 has no full job of the same collections: each incremental without a base is a full',
  );
});

test.each([
  ['one text with commas', 'a@b, c@d', ['a@b', 'c@d']],
  ['one address', 'a@b', ['a@b']],
  ['a list', ['a@b', 'c@d'], ['a@b', 'c@d']],
])('recipients may be %s', (_what, email_to, to) => {
  expect(parse({ ...EXAMPLE, email_to }).channels[0]).toMatchObject({ to });
});

test('a mail server may have a port', () => {
  expect(parse({ ...EXAMPLE, smtp_server: 'mail:587' }).channels[0]).toMatchObject({ host: 'mail', port: 587 });
});

test('alerts that are switched off may hold placeholders', () => {
  const off = { email_alerts: false, email_from: '', email_to: [], smtp_server: '', slack_webhook: '' };
  expect(parse({ ...EXAMPLE, ...off }).channels).toEqual([]);
  expect(parse({ ...EXAMPLE, ...off, slack_webhook: null, email_to: '' }).channels).toEqual([]);
});

test('all of its faults are told at once', () => {
  const broken = {
    backup_api: 'localhost:8080',
    retention_dyas: 3,
    retention_days: 0,
    jobs: [{ type: 'full', time: '25:61', collections: ['../x'] }, { type: 'weekly', time: '02:00' }, { type: 'full' }],
    email_alerts: true,
    email_to: [],
    smtp_server: 'smtp://mail',
    slack_webhook: 'http://hooks.example.org/x',
  };
  expect(faultsOf(broken).sort()).toEqual(
    [
      'backup_api',
      'backup_dir',
      'retention_dyas',
      'retention_days',
      'jobs[0].time',
      'jobs[0].collections[0]',
      'jobs[1].type',
      'jobs[2].time',
      'email_from',
      'email_to',
      'smtp_server',
      'slack_webhook',
    ].sort(),
  );
});

test('a misspelt key is not ignored: retention_dyas would delete backups', () => {
  expect(() => parse({ ...EXAMPLE, retention_dyas: 365 })).toThrow('did you mean `retention_days`?');
});

test('keys of both kinds in one file are a fault', () => {
  expect(() => parse({ ...EXAMPLE, sources: [] })).toThrow(
    /sources: expected either milvault's own keys or those of the original \(.*jobs.*\), got both in one file/,
  );
});

test('faults of the environment are told beside those of the file', () => {
  expect(() => parse({ ...EXAMPLE, retention_days: 0 }, { MILVAULT_PORT: 'x' })).toThrow(
    /retention_days: [^]*MILVAULT_PORT: /,
  );
});
