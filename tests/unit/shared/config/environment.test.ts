import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig, parseConfig, SETTINGS, type Config, type Environment } from '@milvault/shared';
import { temporaryFolder } from '../../../support/folder.ts';

const overlay = (file: object, env: Environment): Config => parseConfig(JSON.stringify(file), { env, folder: '/srv' });

/** For each variable: a value, what the file says instead, and where the value must arrive. */
const EFFECTS: Record<
  string,
  { value: string; file: object; read: (config: Config) => unknown; is?: unknown; with?: Environment }
> = {
  REDIS_URL: { value: 'redis://r:1', file: { redis: 'redis://f:1' }, read: (c) => c.redis.reveal() },
  MILVUS_ADDRESS: {
    value: 'env-host:1',
    file: { sources: [{ name: 'prod', address: 'file-host:1' }] },
    read: (c) => c.sources[0]?.address,
  },
  MILVUS_TOKEN: {
    value: 'env-token',
    file: { sources: [{ name: 'prod', address: 'h', user: 'u', password: 'p' }] },
    read: (c) => c.sources[0]?.credentials?.reveal(),
  },
  MILVAULT_REPOSITORY: {
    value: '/env',
    file: { repositories: [{ name: 'disk', place: '/file' }] },
    read: (c) => c.repositories[0]?.place,
  },
  MILVAULT_HOST: { value: '10.0.0.1', file: { api: { host: '10.0.0.2' } }, read: (c) => c.api.host },
  MILVAULT_PORT: { value: '1234', file: { api: { port: 4321 } }, read: (c) => c.api.port, is: 1234 },
  MILVAULT_ADMIN_TOKEN: {
    value: 'env-admin',
    file: { api: { adminToken: 'file-admin' } },
    read: (c) => c.api.adminToken?.reveal(),
  },
  MILVAULT_BOARD_WRITABLE: {
    value: 'true',
    file: { api: { boardWritable: false } },
    read: (c) => c.api.boardWritable,
    is: true,
  },
  MILVAULT_API: { value: 'http://e', file: { client: { api: 'http://f' } }, read: (c) => c.client.api },
  MILVAULT_TOKEN: { value: 'env-cli', file: { client: { token: 'file-cli' } }, read: (c) => c.client.token?.reveal() },
  MILVAULT_LOG_LEVEL: { value: 'warn', file: { log: { level: 'debug' } }, read: (c) => c.log.level },
  MILVAULT_LOG_FILE: { value: '/env.log', file: { log: { file: '/file.log' } }, read: (c) => c.log.file },
  MILVAULT_TIME_ZONE: { value: 'Asia/Tokyo', file: { timeZone: 'UTC' }, read: (c) => c.timeZone },
  MILVAULT_CLEANUP: { value: '04:00', file: { cleanup: '05:00' }, read: (c) => c.cleanup, is: '0 4 * * *' },
  MILVAULT_HEALTH: { value: '*/5 * * * *', file: { health: '05:00' }, read: (c) => c.health },
  AWS_ENDPOINT_URL: { value: 'http://e', file: { s3: { endpoint: 'http://f' } }, read: (c) => c.s3.endpoint },
  AWS_ENDPOINT_URL_S3: { value: 'http://e', file: { s3: { endpoint: 'http://f' } }, read: (c) => c.s3.endpoint },
  AWS_DEFAULT_REGION: { value: 'e', file: { s3: { region: 'f' } }, read: (c) => c.s3.region },
  AWS_REGION: { value: 'e', file: { s3: { region: 'f' } }, read: (c) => c.s3.region },
  AWS_ACCESS_KEY_ID: {
    value: 'e',
    file: { s3: { accessKey: 'f', secretKey: 'f' } },
    read: (c) => c.s3.credentials?.accessKey.reveal(),
    with: { AWS_SECRET_ACCESS_KEY: 's' },
  },
  AWS_SECRET_ACCESS_KEY: {
    value: 'e',
    file: { s3: { accessKey: 'f', secretKey: 'f' } },
    read: (c) => c.s3.credentials?.secretKey.reveal(),
    with: { AWS_ACCESS_KEY_ID: 'k' },
  },
  AWS_SESSION_TOKEN: {
    value: 'e',
    file: { s3: { accessKey: 'f', secretKey: 'f', sessionToken: 'f' } },
    read: (c) => c.s3.credentials?.sessionToken?.reveal(),
    with: { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' },
  },
};

test.each(Object.entries(EFFECTS))(
  '%s wins over the file and stands without one',
  (name, { value, file, read, is, with: others = {} }) => {
    const wanted = is ?? value;
    expect(read(overlay(file, {}))).not.toEqual(wanted);
    expect(read(overlay(file, { ...others, [name]: value }))).toEqual(wanted);
    if (name !== 'MILVUS_TOKEN') expect(read(overlay({}, { ...others, [name]: value }))).toEqual(wanted);
  },
);

test.each(Object.entries(EFFECTS))('an empty %s counts as not set', (name, { file, read }) => {
  expect(read(overlay(file, { [name]: '' }))).toEqual(read(overlay(file, {})));
});

test('every variable of the table is tried above, but the one that names the file', () => {
  expect(SETTINGS.map((setting) => setting.name).filter((name) => !(name in EFFECTS))).toEqual(['MILVAULT_CONFIG']);
});

test('a source and a repository that only variables name have names of their own', () => {
  const config = overlay({}, { MILVUS_ADDRESS: 'h:1', MILVUS_TOKEN: 't', MILVAULT_REPOSITORY: 'b' });
  expect(config.sources).toMatchObject([{ name: 'milvus', address: 'h:1' }]);
  expect(config.sources[0]?.credentials?.reveal()).toBe('t');
  expect(config.repositories).toEqual([{ name: 'backups', place: '/srv/b', access: null }]);
});

const two = [
  { name: 'a', address: 'a' },
  { name: 'b', address: 'b' },
];

test('of several sources a variable means the one that is called milvus', () => {
  const sources = [...two, { name: 'milvus', address: 'c' }];
  const config = overlay({ sources }, { MILVUS_ADDRESS: 'd' });
  expect(config.sources.map((source) => source.address)).toEqual(['a:19530', 'b:19530', 'd:19530']);
});

test('of several sources none is guessed', () => {
  expect(() => overlay({ sources: two }, { MILVUS_ADDRESS: 'd' })).toThrow(
    /MILVUS_ADDRESS: expected at most one entry in sources, or one that is called milvus, got 2 entries/,
  );
});

test('a token without any source is told as unused', () => {
  expect(overlay({}, { MILVUS_TOKEN: 't' }).notices).toEqual([expect.stringContaining('MILVUS_TOKEN is set but')]);
});

test('a variable that looks like ours but is not is told, with the one that was meant', () => {
  const env = { MILVAULT_PROT: '1', MILVAULT_TEST_REDIS: 'x', PATH: '/bin' };
  expect(overlay({}, env).notices).toEqual([
    'The environment variable MILVAULT_PROT means nothing to milvault: did you mean MILVAULT_PORT?',
  ]);
});

test('a secret comes from the environment or from a file beside the configuration', async () => {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'hook'), 'https://hooks.example.org/from-file\n');
  await writeFile(path.join(folder, 'empty'), '\n');
  const file = path.join(folder, 'milvault.yaml');
  const write = (adminToken: string): Promise<void> =>
    writeFile(
      file,
      `api: { adminToken: '${adminToken}' }\nchannels: [{ kind: slack, name: chat, webhook: 'file:hook' }]\n`,
    );

  await write('env:ADMIN');
  const config = await loadConfig({ file, env: { ADMIN: 'from-env' } });
  expect(config.api.adminToken?.reveal()).toBe('from-env');
  expect(config.channels[0]?.kind === 'slack' && config.channels[0].webhook.reveal()).toBe(
    'https://hooks.example.org/from-file',
  );
  await expect(loadConfig({ file, env: {} })).rejects.toThrow(
    'api.adminToken: expected a value in the environment variable ADMIN, got none',
  );
  await write('file:missing');
  await expect(loadConfig({ file, env: {} })).rejects.toThrow(
    /api\.adminToken: expected a readable file .* got ENOENT/,
  );
  await write('file:empty');
  await expect(loadConfig({ file, env: {} })).rejects.toThrow(/api\.adminToken: .* got an empty file/);
  expect(await readFile(file, 'utf8')).toContain('file:empty');
});

test('a variable may point to a secret too', () => {
  expect(overlay({}, { MILVAULT_ADMIN_TOKEN: 'env:OTHER', OTHER: 'x' }).api.adminToken?.reveal()).toBe('x');
  expect(() => overlay({}, { MILVAULT_ADMIN_TOKEN: 'env:NONE' })).toThrow(/MILVAULT_ADMIN_TOKEN: expected a value/);
});

test.each(['milvault.json', 'milvault.yaml', 'milvault.yml'])('%s is found in the folder', async (name) => {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, name), '{"timeZone": "Asia/Tokyo"}');
  const config = await loadConfig({ folder, env: {} });
  expect(config).toMatchObject({ timeZone: 'Asia/Tokyo', file: path.join(folder, name) });
});

test('MILVAULT_CONFIG names the file, and a given path wins over it', async () => {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'a.json'), '{"timeZone": "Asia/Tokyo"}');
  await writeFile(path.join(folder, 'b.json'), '{"timeZone": "Europe/Berlin"}');
  const env = { MILVAULT_CONFIG: 'a.json' };
  expect((await loadConfig({ folder, env })).timeZone).toBe('Asia/Tokyo');
  expect((await loadConfig({ folder, env, file: 'b.json' })).timeZone).toBe('Europe/Berlin');
});

test('without a file in the folder there are defaults', async () => {
  expect(await loadConfig({ folder: await temporaryFolder(), env: {} })).toMatchObject({ file: null, plans: [] });
});

test('two files in the folder are a fault, as one would be ignored', async () => {
  const folder = await temporaryFolder();
  for (const name of ['milvault.json', 'milvault.yaml']) await writeFile(path.join(folder, name), '{}');
  await expect(loadConfig({ folder, env: {} })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('got milvault.json and milvault.yaml'),
  });
});

test('a file that is named but not there is unreadable', async () => {
  const folder = await temporaryFolder();
  await expect(loadConfig({ folder, env: {}, file: 'none.json' })).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
  await expect(loadConfig({ env: {}, file: folder })).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
});
