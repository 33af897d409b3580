import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLogger, fail, secret, type Logger } from '@milvault/shared';
import { temporaryFolder } from '../../support/folder.ts';

const PLANTED = 'planted-0f3c9a';

/** Lets `write` use a logger and gives the lines that it wrote. */
async function linesOf(write: (logger: Logger) => void, level = 'debug'): Promise<Record<string, unknown>[]> {
  const file = path.join(await temporaryFolder(), 'logs', 'milvault.log');
  const logger = createLogger({ level, name: 'test', file, fd: nowhere() });
  write(logger);
  const text = await readFile(file, 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
}

/** The tests' own output is no place for lines of a log under test. */
function nowhere(): number {
  const fd = openSync('/dev/null', 'w');
  onTestFinished(() => closeSync(fd));
  return fd;
}

test.each<[string, (logger: Logger) => void]>([
  ['under a sensitive key', (log) => log.info({ token: PLANTED }, 'x')],
  ['eight levels deep', (log) => log.info({ a: { b: { c: { d: { e: { f: { password: PLANTED } } } } } } }, 'x')],
  [
    'deeper than is logged at all',
    (log) => log.info({ a: { b: { c: { d: { e: { f: { g: { h: { i: { token: PLANTED } } } } } } } } } }, 'x'),
  ],
  ['in a list', (log) => log.info({ channels: [{ webhook: PLANTED }] }, 'x')],
  ['in a header of any case', (log) => log.info({ headers: { Authorization: PLANTED, 'Set-Cookie': [PLANTED] } }, 'x')],
  ['under a longer key', (log) => log.info({ adminToken: PLANTED, client_secret: PLANTED, 'x-api-key': PLANTED }, 'x')],
  ['as an object under a sensitive key', (log) => log.info({ credentials: { user: 'u', value: PLANTED } }, 'x')],
  ['as a Secret', (log) => log.info({ anything: secret(PLANTED), list: [secret(PLANTED)] }, 'x')],
  [
    'in a property of an error',
    (log) => log.error(Object.assign(new Error('boom'), { config: { auth: { pass: PLANTED } } })),
  ],
  [
    'in an error beside others',
    (log) => log.error({ error: Object.assign(new Error('boom'), { token: PLANTED }) }, 'x'),
  ],
  [
    'in the details of an error',
    (log) => log.error({ err: fail('INTERNAL', { details: { password: PLANTED } }) }, 'x'),
  ],
  [
    'in what a child is bound to',
    (log) =>
      log
        .child({ a: { token: PLANTED } })
        .child({ secret: PLANTED })
        .info('x'),
  ],
  ['in bytes', (log) => log.info({ body: Buffer.from(PLANTED) }, 'x')],
])('a secret %s never reaches the log', async (_where, write) => {
  const lines = await linesOf(write);
  expect(lines).toHaveLength(1);
  expect(JSON.stringify(lines)).not.toContain(PLANTED);
});

test('what is no secret is logged as it is', async () => {
  const [line] = await linesOf((log) =>
    log.child({ runId: 'r1' }).warn({ rows: 3, tokens: 7, at: new Date(0) }, 'hello'),
  );
  expect(line).toMatchObject({
    name: 'test',
    level: 40,
    runId: 'r1',
    rows: 3,
    tokens: 7,
    at: '1970-01-01T00:00:00.000Z',
    msg: 'hello',
  });
});

test('an error is logged with its code, message and stack', async () => {
  const [line] = await linesOf((log) => log.error({ err: fail('REPO_FULL') }, 'x'));
  expect(line?.['err']).toMatchObject({
    code: 'REPO_FULL',
    type: 'MilvaultError',
    stack: expect.stringContaining('at '),
  });
});

test('lines below the level are left out', async () => {
  expect(await linesOf((log) => (log.debug('a'), log.info('b'), log.warn('c')), 'warn')).toHaveLength(1);
});
