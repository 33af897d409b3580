import { readFileSync } from 'node:fs';
import { parseConfig } from '@milvault/shared';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: string | string[];
  readonly environment?: Record<string, string>;
  readonly ports?: string[];
  readonly volumes?: string[];
  readonly healthcheck?: { test: string[] };
  readonly depends_on?: Record<string, { condition: string }>;
  readonly container_name?: string;
}

const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const service = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
};

describe('docker-compose.yml', () => {
  it('has Milvus with its etcd and MinIO, Redis, the API and the worker', () => {
    expect(Object.keys(compose.services).sort()).toEqual(['api', 'etcd', 'milvus', 'minio', 'redis', 'worker']);
  });

  it('publishes the API and Milvus alone, and only to this machine', () => {
    const published = Object.values(compose.services).flatMap((one) => one.ports ?? []);
    expect(published.sort()).toEqual(['127.0.0.1:19530:19530', '127.0.0.1:8787:8787']);
  });

  it('pins every image to a version', () => {
    for (const one of Object.values(compose.services)) expect(one.image).toMatch(/:(?!latest)[\w.-]*\d/);
  });

  it('waits only for services that say when they are healthy, and that exist', () => {
    const waitedFor = Object.values(compose.services).flatMap((one) => Object.entries(one.depends_on ?? {}));
    expect(waitedFor.length).toBeGreaterThan(0);
    for (const [name, { condition }] of waitedFor) {
      expect(condition).toBe('service_healthy');
      expect(service(name).healthcheck?.test[0]).toBe('CMD');
    }
  });

  it('keeps all data in named volumes that it declares', () => {
    const mounted = Object.values(compose.services).flatMap((one) => one.volumes ?? []);
    const names = new Set(mounted.map((volume) => volume.split(':')[0]));
    expect([...names].sort()).toEqual(Object.keys(compose.volumes).sort());
    expect(service('api').volumes).toEqual(service('worker').volumes);
  });

  it('runs Redis with every write on disk and without eviction', () => {
    expect(service('redis').command).toContain('--appendonly yes --maxmemory-policy noeviction');
  });

  it('lets the worker be scaled: no name and no port of its own', () => {
    expect(service('worker').container_name).toBeUndefined();
    expect(service('worker').ports).toBeUndefined();
  });

  it.each(['api', 'worker'])('gives the %s a configuration that is accepted', (name) => {
    const env = { ...service(name).environment };
    if ('MILVAULT_ADMIN_TOKEN' in env) env['MILVAULT_ADMIN_TOKEN'] = 'long-and-random-enough';
    const config = parseConfig('{}', { env, folder: '/app' });
    expect(config.notices).toEqual([]);
    expect(config.redis.reveal()).toBe('redis://redis:6379');
    expect(config.sources).toMatchObject([{ address: 'milvus:19530' }]);
    expect(config.repositories).toMatchObject([{ place: '/backups' }]);
    expect(service(name).volumes).toContain('backups:/backups');
  });

  it('asks for an admin token, because the API listens beyond its container', () => {
    expect(service('api').environment?.['MILVAULT_HOST']).toBe('0.0.0.0');
    expect(service('api').environment?.['MILVAULT_ADMIN_TOKEN']).toMatch(/^\$\{MILVAULT_ADMIN_TOKEN:\?/);
  });

  it('starts the programs that the Dockerfile puts there', () => {
    const dockerfile = readFileSync('Dockerfile', 'utf8');
    for (const name of ['api', 'worker']) {
      expect(service(name).command).toContain(`apps/${name}/dist/main.js`);
      expect(dockerfile).toContain(`COPY --from=build /app/apps/${name}/dist apps/${name}/dist`);
    }
  });
});
