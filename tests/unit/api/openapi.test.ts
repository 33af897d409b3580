import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../../apps/api/src/app.ts';
import { bench, LOCAL } from './parts.ts';

interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  parameters?: { name: string; in: string; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}
interface Document {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
}

const ROUTES = [
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'GET /api/backups',
  'POST /api/backup/create',
  'POST /api/backup/restore',
  'GET /api/stats',
  'POST /api/v1/backup/create',
  'POST /api/v1/backup/verify',
  'DELETE /api/v1/backup/delete',
  'GET /api/v1/plans/{plan}/held',
  'POST /api/v1/plans/{plan}/adopt',
  'GET /api/v1/version',
  'GET /api/v1/session',
  'GET /api/v1/overview',
  'GET /api/v1/incidents',
  'GET /api/v1/sources',
  'GET /api/v1/sources/{source}/inspect',
  'GET /api/v1/repositories',
  'POST /api/v1/repositories',
  'POST /api/v1/repositories/{repository}/probe',
  'GET /api/v1/repositories/{repository}',
  'GET /api/v1/plans',
  'GET /api/v1/plans/{plan}',
  'POST /api/v1/plans/{plan}/run',
  'GET /api/v1/backups',
  'GET /api/v1/backups/{backup}',
  'DELETE /api/v1/backups/{backup}',
  'GET /api/v1/backups/{backup}/chain',
  'PUT /api/v1/backups/{backup}/hold',
  'DELETE /api/v1/backups/{backup}/hold',
  'GET /api/v1/backups/{backup}/export',
  'GET /api/v1/backups/{backup}/export/rows',
  'POST /api/v1/backups/{backup}/verify',
  'POST /api/v1/backups/{backup}/drill',
  'POST /api/v1/backups/{backup}/restore',
  'POST /api/v1/backups/{backup}/restore/check',
  'POST /api/v1/runs/backup',
  'POST /api/v1/runs/verify',
  'POST /api/v1/runs/drill',
  'POST /api/v1/runs/restore',
  'POST /api/v1/runs/cleanup',
  'POST /api/v1/runs/health',
  'GET /api/v1/runs',
  'GET /api/v1/runs/{run}',
  'GET /api/v1/runs/{run}/logs',
  'GET /api/v1/runs/{run}/events',
  'POST /api/v1/runs/{run}/cancel',
  'POST /api/v1/runs/{run}/retry',
  'GET /api/v1/workers',
  'GET /api/v1/channels',
  'POST /api/v1/channels/{channel}/test',
  'GET /api/v1/events',
  'GET /api/v1/tokens',
  'POST /api/v1/tokens',
  'DELETE /api/v1/tokens/{token}',
  'GET /api/v1/audit',
];

describe('the OpenAPI document', () => {
  let app: Awaited<ReturnType<typeof buildApp>>;
  let document: Document;
  let operations: { route: string; operation: Operation }[];

  beforeAll(async () => {
    app = await buildApp(bench().parts);
    document = (await app.inject({ url: '/docs/json', headers: LOCAL })).json<Document>();
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, operation })),
    );
  });
  afterAll(() => app.close());

  test('is OpenAPI 3.1 and names each route, and no other', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: 'milvault', version: '9.9.9' });
    expect(operations.map(({ route }) => route).sort()).toEqual([...ROUTES].sort());
  });

  test('gives each operation a name of its own, a summary and a tag', () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const { route, operation } of operations) {
      expect([route, operation.summary.length > 5, operation.tags.length]).toEqual([route, true, 1]);
    }
  });

  test('declares each parameter of a path', () => {
    for (const { route, operation } of operations) {
      const inPath = [...route.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const declared = (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => name);
      expect([route, declared]).toEqual([route, inPath]);
    }
  });

  test('has schemas that are valid JSON Schema, and describes problems as what they are', () => {
    const ajv = new Ajv({ strict: false });
    for (const { route, operation } of operations) {
      const contents = [
        operation.requestBody?.content ?? {},
        ...Object.values(operation.responses).map((one) => one.content ?? {}),
      ];
      for (const content of contents) for (const { schema } of Object.values(content)) ajv.compile(schema);
      if (!route.includes('/api/v1/')) continue;
      expect([route, Object.keys(operation.responses['4XX']?.content ?? {})]).toEqual([
        route,
        [isOfTheContract(route) ? 'application/json' : 'application/problem+json'],
      ]);
    }
  });

  test('is named in docs/api.md route by route', async () => {
    const { readFile } = await import('node:fs/promises');
    const text = await readFile(new URL('../../../docs/api.md', import.meta.url), 'utf8');
    for (const { route } of operations) expect(text).toContain(`\`${route}\``);
  });
});

/** Scripts of the original's tool read the envelope. */
const isOfTheContract = (route: string): boolean => / \/api\/v1\/backup\/(create|verify|delete)$/.test(route);
