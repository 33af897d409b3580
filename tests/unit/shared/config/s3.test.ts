import { inspect } from 'node:util';
import { configSummary, isMilvaultError, parseConfig, type Config, type Fault } from '@milvault/shared';
import { describe, expect, it } from 'vitest';

const read = (value: object, env: Record<string, string> = {}): Config =>
  parseConfig(JSON.stringify(value), { env, folder: '/etc/milvault' });

function faultsOf(value: object, env: Record<string, string> = {}): Record<string, string> {
  try {
    read(value, env);
  } catch (error) {
    if (!isMilvaultError(error)) throw error;
    expect(error.message).not.toMatch(/hunter2/);
    const faults = error.details?.['faults'] as Fault[];
    return Object.fromEntries(faults.map((fault) => [fault.path, fault.expected]));
  }
  return {};
}

const KEYS = { accessKey: 'AKIA1', secretKey: 'hunter2' };

describe('a repository in a bucket', () => {
  it('has what its section says, and Amazon where it says nothing', () => {
    const s3 = { ...KEYS, endpoint: 'https://minio.example.org:9000/', region: 'here', sessionToken: 'hunter2-too' };
    const config = read({
      repositories: [
        { name: 'own', place: 's3://bucket/some/prefix/', s3: { ...s3, checksum: 'md5' } },
        { name: 'amazon', place: 's3://bucket-2' },
        { name: 'disk', place: 'backups' },
      ],
    });
    const [own, amazon, disk] = config.repositories;
    expect(own).toMatchObject({ place: 's3://bucket/some/prefix' });
    expect(own?.access).toMatchObject({
      endpoint: 'https://minio.example.org:9000',
      region: 'here',
      pathStyle: true,
      checksum: 'md5',
    });
    expect(own?.access?.credentials?.secretKey.reveal()).toBe('hunter2');
    expect(own?.access?.credentials?.sessionToken?.reveal()).toBe('hunter2-too');
    expect(amazon).toMatchObject({
      place: 's3://bucket-2',
      access: { endpoint: null, region: 'us-east-1', credentials: null, pathStyle: false, checksum: 'sha256' },
    });
    expect(disk).toEqual({ name: 'disk', place: '/etc/milvault/backups', access: null });
    for (const shown of [
      JSON.stringify(configSummary(config)),
      JSON.stringify(config),
      inspect(config, { depth: 9 }),
    ]) {
      expect(shown).not.toMatch(/hunter2|AKIA1/);
    }
  });

  it('takes what it leaves out from the s3 of the file, and never half of its keys', () => {
    const config = read({
      s3: { endpoint: 'http://one.example.org', region: 'r1', ...KEYS, sessionToken: 'common' },
      repositories: [
        { name: 'a', place: 's3://bucket/a' },
        { name: 'b', place: 's3://bucket/b', s3: { accessKey: 'AKIA2', secretKey: 'other', region: 'r2' } },
      ],
    });
    const [a, b] = config.repositories;
    expect(a?.access).toMatchObject({ endpoint: 'http://one.example.org', region: 'r1' });
    expect(a?.access?.credentials?.sessionToken?.reveal()).toBe('common');
    expect(b?.access).toMatchObject({ endpoint: 'http://one.example.org', region: 'r2' });
    expect(b?.access?.credentials?.accessKey.reveal()).toBe('AKIA2');
    expect(b?.access?.credentials?.sessionToken).toBeNull();
  });

  it('is reached as the AWS_ variables say, where it says nothing itself', () => {
    const env = {
      AWS_ACCESS_KEY_ID: 'AKIA3',
      AWS_SECRET_ACCESS_KEY: 'from-env',
      AWS_DEFAULT_REGION: 'r3',
      AWS_REGION: 'r4',
      AWS_ENDPOINT_URL: 'http://general.example.org',
      AWS_ENDPOINT_URL_S3: 'http://s3.example.org',
      MILVAULT_REPOSITORY: 's3://bucket/x',
    };
    const config = read({ s3: { ...KEYS, sessionToken: 'stale' } }, env);
    for (const access of [config.s3, config.repositories[0]?.access]) {
      expect(access).toMatchObject({ endpoint: 'http://s3.example.org', region: 'r4', pathStyle: true });
      expect(access?.credentials?.accessKey.reveal()).toBe('AKIA3');
      expect(access?.credentials?.secretKey.reveal()).toBe('from-env');
      expect(access?.credentials?.sessionToken).toBeNull();
    }
  });

  it('tells all faults at once, without keys', () => {
    const faults = faultsOf({
      repositories: [
        { name: 'a', place: 's3://key:hunter2@bucket/x' },
        { name: 'b', place: 's3://' },
        { name: 'c', place: 's3://bucket/../x' },
        { name: 'd', place: 's3://bucket//x' },
        { name: 'e', place: 'ftp://host/x' },
        { name: 'f', place: '/srv/x', s3: {} },
        { name: 'g', place: 's3://bucket/g', s3: { accessKey: 'x' } },
        { name: 'h', place: 's3://bucket/h', s3: { sessionToken: 'hunter2' } },
        { name: 'i', place: 's3://bucket/i', s3: { checksum: 'crc', endpoint: 'minio:9000', secret: 'hunter2' } },
        { name: 'j', place: 's3://bucket/same/' },
        { name: 'k', place: 's3://bucket/same' },
      ],
      s3: { secretKey: 'env:NOT_THERE' },
      log: { file: 's3://bucket/log' },
    });
    expect(Object.keys(faults).sort()).toEqual([
      'log.file',
      'repositories[0].place',
      'repositories[10].place',
      'repositories[1].place',
      'repositories[2].place',
      'repositories[3].place',
      'repositories[4].place',
      'repositories[5].s3',
      'repositories[6].s3.secretKey',
      'repositories[7].s3.accessKey',
      'repositories[8].s3.checksum',
      'repositories[8].s3.endpoint',
      'repositories[8].s3.secret',
      's3.accessKey',
      's3.secretKey',
    ]);
    expect(faults['repositories[0].place']).toContain('s3://bucket/prefix');
  });
});

describe('the storage of a source', () => {
  it('is a folder or a bucket, with keys as a repository has them', () => {
    const config = read({
      sources: [
        { name: 'a', address: 'one:19530', storage: { place: 's3://a-bucket/files', s3: KEYS } },
        { name: 'b', address: 'two:19530', storage: { place: '/var/lib/milvus' } },
        { name: 'c', address: 'three:19530' },
      ],
    });
    expect(config.sources.map(({ storage }) => storage?.place ?? null)).toEqual([
      's3://a-bucket/files',
      '/var/lib/milvus',
      null,
    ]);
    expect(config.sources[0]?.storage?.access?.credentials?.secretKey.reveal()).toBe('hunter2');
    expect(config.sources[1]?.storage?.access).toBeNull();
  });

  it('has its faults told with their path', () => {
    const sources = [{ name: 'a', address: 'one:19530', storage: { place: '/x', s3: { accessKey: 'k' } } }];
    expect(Object.keys(faultsOf({ sources })).sort()).toEqual([
      'sources[0].storage.s3',
      'sources[0].storage.s3.secretKey',
    ]);
  });
});
