import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../scripts/parts/free-port.ts';
import { startMilvusLite } from '../../../scripts/parts/milvus-lite.ts';
import type { Running } from '../../../scripts/parts/processes.ts';
import { fillSample } from '../../../scripts/start/sample/fill.ts';
import { fencedBlocks } from '../../support/markdown.ts';
import { README_COMMANDS } from '../../support/readme-commands.ts';
import { runCommand, type Ended } from '../../support/typed-command.ts';

/** What the README tells to type where there is no API and no Redis. */

let folder: string;
let lite: Running;
let type: (command: string) => Promise<Ended>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milvault-alone-'));
  const started = await startMilvusLite({ folder: join(folder, 'lite'), port: await freePort(), say: console.error });
  lite = started.running;
  await fillSample(started.address, console.error);
  const config = join(folder, 'milvault.json');
  await writeFile(config, (await fencedBlocks('README.md', 'json')).join(''));
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const secrets = { MILVUS_TOKEN: 'root:Milvus', SLACK_WEBHOOK: 'https://hooks.slack.com/services/T0/B0/x' };
  let name = '';
  type = async (command) => {
    const line = command
      .replaceAll('127.0.0.1:19530', started.address)
      .replaceAll('./backups', join(folder, 'backups'))
      .replaceAll('full_20261122_020000', name);
    const configured = command.includes('config') ? { ...secrets, MILVAULT_CONFIG: config } : {};
    const env = { ...process.env, REDIS_URL: 'redis://127.0.0.1:1', MILVAULT_API: nowhere, ...configured };
    const ended = await runCommand(line, env);
    name = /full_\d{8}_\d{6}/.exec(ended.out)?.[0] ?? name;
    return ended;
  };
});

afterAll(async () => {
  await lite.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('the command line of the README, without API and Redis', () => {
  // In the order of the README: each command uses what the one before it made.
  it.each(README_COMMANDS.alone)('%s', async (command) => {
    const { code, out, err } = await type(command);
    expect(`${err}\n${out}`).not.toContain('error');
    expect(code, `${out}\n${err}`).toBe(0);
    if (/backup create|verify|drill|restore/.test(command)) expect(out).toContain('3,201');
  });
});
