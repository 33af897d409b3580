import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { freePorts, isFree } from '../../../scripts/parts/free-port.ts';
import { toolFolder } from '../../../scripts/parts/tool-folder.ts';
import { venv } from '../../../scripts/parts/venv.ts';
import { onlyOne } from '../../../scripts/start/only-one.ts';
import { keptPort } from '../../../scripts/start/ports.ts';
import { createReleases } from '../../../scripts/start/releases.ts';
import { processesLeft, RUN_MARK } from '../../../scripts/test/leftovers.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milvault-parts-'));
  const made = folder;
  onTestFinished(() => rm(made, { recursive: true }));
});

/** Listens on a port until the test is over. */
async function occupy(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    await once(server, 'close');
  });
}

describe('free ports', () => {
  it('are different and free, and no longer free when somebody listens', async () => {
    const ports = await freePorts(12);
    expect(new Set(ports).size).toBe(12);
    const [port = 0] = ports;
    expect(await isFree(port)).toBe(true);
    await occupy(port);
    expect(await isFree(port)).toBe(false);
  });

  it('are kept from start to start, and replaced when taken', async () => {
    const first = await keptPort(folder, 'redis');
    expect(await keptPort(folder, 'redis')).toBe(first);
    expect(await keptPort(folder, 'milvus-lite')).not.toBe(first);
    await occupy(first);
    const second = await keptPort(folder, 'redis');
    expect(second).not.toBe(first);
    expect(await keptPort(folder, 'redis')).toBe(second);
  });
});

describe('a folder of tools', () => {
  beforeEach(() => {
    vi.stubEnv('MILVAULT_TOOLS', folder);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
  });

  const build = (text: string) => async (partial: string) => {
    await import('node:fs/promises').then(({ mkdir }) => mkdir(partial));
    await writeFile(join(partial, 'tool'), text);
  };

  it('is built once for the same contents and again for others', async () => {
    const first = await toolFolder('tool', ['1.0'], build('one'));
    expect(await toolFolder('tool', ['1.0'], () => Promise.reject(new Error('built twice')))).toBe(first);
    const second = await toolFolder('tool', ['2.0'], build('two'));
    expect(await readFile(join(first, 'tool'), 'utf8')).toBe('one');
    expect(await readFile(join(second, 'tool'), 'utf8')).toBe('two');
  });

  it('leaves nothing when the build fails, and what dead processes left is removed', async () => {
    await writeFile(join(folder, 'old-0123.partial-999999999'), '');
    await expect(toolFolder('tool', ['1.0'], () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
    expect(await readdir(folder)).toEqual([]);
  });

  it('of Python says which Python it wants where there is none', async () => {
    vi.stubEnv('MILVAULT_PYTHON', join(folder, 'no-python'));
    const wanted = venv({ name: 'thing', requirements: ['thing==1'], python: [3, 10], say: () => undefined });
    await expect(wanted).rejects.toThrow(/thing: expected Python >= 3.10 with venv and pip, got no .*no-python/);
  });
});

describe('one start at a time', () => {
  it('is held by a living process only', async () => {
    const file = join(folder, 'start.pid');
    await writeFile(file, '999999999'); // Beyond every pid_max: nobody's.
    const release = onlyOne(file);
    expect(await readFile(file, 'utf8')).toBe(String(process.pid));
    release();
    await writeFile(file, String(process.ppid));
    expect(() => onlyOne(file)).toThrow(`milvault was started here already (process ${process.ppid})`);
  });
});

describe('releases', () => {
  it('come in reverse order and all, though one fails, and once', async () => {
    const order: string[] = [];
    const releases = createReleases();
    releases.add('first', () => void order.push('first'));
    releases.add('second', () => {
      order.push('second');
      throw new Error('stuck');
    });
    releases.add('third', () => void order.push('third'));
    await expect(releases.all()).rejects.toThrow('second could not be stopped');
    await releases.all();
    expect(order).toEqual(['third', 'second', 'first']);
  });
});

describe('what a test run leaves running', () => {
  it('is found by the mark of the run, and only that', async () => {
    const mark = randomUUID();
    const child = spawn('sleep', ['60'], { env: { ...process.env, [RUN_MARK]: mark } });
    const ended = once(child, 'exit');
    await once(child, 'spawn');
    expect(await processesLeft(mark, 0)).toEqual([{ pid: child.pid, command: 'sleep 60' }]);
    expect(await processesLeft(randomUUID(), 0)).toEqual([]);
    child.kill();
    await ended;
    expect(await processesLeft(mark, 5000)).toEqual([]);
  });
});
