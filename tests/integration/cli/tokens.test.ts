import { secret } from '@milvault/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from '../../support/api-stage.ts';
import { milvault } from '../../support/cli.ts';

const ADMIN = 'the-admin-token-of-this-test';
let stage: Stage;
let api: string;

beforeAll(async () => {
  stage = await openStage({ api: { adminToken: secret(ADMIN) } });
  api = await stage.listen();
});
afterAll(() => stage.close());

const as = (token: string, line: string) =>
  milvault(line.split(' '), { env: { MILVAULT_API: api, MILVAULT_TOKEN: token } });

test('a token is made, does what its role may, is told in the audit log, and is void once revoked', async () => {
  const made = await as(ADMIN, 'token create nightly --role operator --days 1');
  expect(made.code).toBe(0);
  const token = made.out.trim();
  expect((await as(token, 'run list --json')).json()).toEqual({ runs: [], total: 0 });
  const refused = await as(token, 'token list --json');
  expect([refused.code, refused.json<{ error: { code: string } }>().error.code]).toEqual([1, 'FORBIDDEN']);
  expect((await as(token, 'token list')).err).toContain('role admin');
  expect((await as(ADMIN, 'token list')).out).toMatch(/nightly +operator/);
  expect((await as(token, 'prune')).code).toBe(1);
  const audit = (await as(ADMIN, 'audit')).out;
  expect(audit).toMatch(/nightly +POST \/api\/v1\/runs\/cleanup +403/);
  expect(audit).toMatch(/admin token +POST \/api\/v1\/tokens +201 +nightly/);
  expect((await as(ADMIN, 'token revoke nightly')).out).toContain('revoked');
  expect((await as(token, 'run list')).err).toContain('UNAUTHENTICATED');
  expect((await as(ADMIN, 'token revoke nightly')).err).toContain('TOKEN_NOT_FOUND');
});
