import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, isFree } from '../../../scripts/parts/free-port.ts';
import { README_COMMANDS } from '../../support/readme-commands.ts';
import { runCommand, startCommand, type Command } from '../../support/typed-command.ts';

/** What the README tells to type, in its order, on a machine where nothing is configured. */

const START_MS = 240_000;

let home: string;
let port: number;
let env: NodeJS.ProcessEnv;

/** The outcome that both ways of starting must tell. */
const FIRST_BACKUP = [
  /Redis +redis:\/\/127\.0\.0\.1:\d+, every write kept on disk/,
  /Milvus +a Milvus Lite at 127\.0\.0\.1:\d+ with a sample: 3,201 films/,
  /backed up +3,201 rows, [\d.]+ [kM]?B in [\d.]+ s \([\d.]+ MB\/s\): full_\d{8}_\d{6}/,
  /verified +level 3: \d+ chunks?, [\d.]+ [kM]?B, every hash equal, 3,201 rows decoded and counted/,
  /drilled +3,201 rows in, 3,201 rows restored, content equal/,
];

const backupNames = (text: string): string[] => text.match(/full_\d{8}_\d{6}/g) ?? [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'milvault-start-'));
  port = await freePort();
  // As on a bare machine: only what this test chooses is set.
  const bare = Object.entries(process.env).filter(
    ([name]) => !/^(REDIS_URL|MILVUS_|MILVAULT_(?!TOOLS|TEST))/.test(name),
  );
  env = {
    ...Object.fromEntries(bare),
    MILVAULT_STATE: join(home, 'state'),
    MILVAULT_PORT: String(port),
    NO_COLOR: '1',
  };
});

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

/** Every port that `npm start` used, by its own notes. */
async function portsUsed(): Promise<number[]> {
  const kept = JSON.parse(await readFile(join(home, 'state', 'ports.json'), 'utf8')) as Record<string, number>;
  return [port, ...Object.values(kept)];
}

async function expectAllStopped(): Promise<void> {
  for (const used of await portsUsed()) expect(await isFree(used), `port ${used} is free again`).toBe(true);
  expect(await readdir(join(home, 'state'))).not.toContain('start.pid');
}

describe('npm start', () => {
  let serving: Command;
  let name: string;

  it('brings a Milvus with films, proves a first backup and serves', { timeout: START_MS }, async () => {
    serving = startCommand('npm start', env);
    await serving.says('Ctrl-C ends it.', START_MS);
    for (const line of FIRST_BACKUP) expect(serving.said()).toMatch(line);
    [name = ''] = backupNames(serving.said());
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  });

  it.each(README_COMMANDS.whileServing)('serves: %s', async (command) => {
    const { code, out, err } = await runCommand(command.replaceAll('full_20261122_020000', name), env);
    expect(code, `${out}\n${err}`).toBe(0);
    if (/list|verify|drill|restore|create/.test(command) && !command.includes('run')) expect(out).toContain('3,201');
  });

  it('refuses to start a second time on the same state', async () => {
    const { code, err } = await runCommand('npm start', env);
    expect(code).toBe(1);
    expect(err).toMatch(/was started here already \(process \d+\)|Port \d+ of the API is taken/);
  });

  it('ends with all that it started at Ctrl-C', async () => {
    serving.interrupt();
    expect((await serving.ended).err).not.toContain('could not go on');
    await expectAllStopped();
    // Told by the API itself: it was asked to end, and not killed.
    expect(await readFile(join(home, 'state', 'logs', 'api.log'), 'utf8')).toContain('the API ends');
  });
});

describe('npm start -- --once', () => {
  it('proves another backup of the same films, and ends with all that it started', { timeout: START_MS }, async () => {
    const { code, out, err } = await runCommand('npm start -- --once', env);
    expect(code, `${out}\n${err}`).toBe(0);
    for (const line of FIRST_BACKUP) expect(out).toMatch(line);
    await expectAllStopped();
  });

  it('tells what is wrong and ends badly where it cannot work', async () => {
    const { code, err } = await runCommand('npm start -- --twice', env);
    expect(code).toBe(1);
    expect(err).toContain('expected nothing or --once, got --twice');
  });

  it('tells all faults of a configuration', async () => {
    const { code, err } = await runCommand('npm start -- --once', {
      ...env,
      MILVAULT_PORT: 'eighty',
      MILVUS_ADDRESS: ':',
    });
    expect(code).toBe(1);
    expect(err).toContain('MILVAULT_PORT');
    expect(err).toContain('MILVUS_ADDRESS');
  });
});
