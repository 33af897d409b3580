import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startProcess, untilReady, type ProcessOptions } from '../../../scripts/parts/processes.ts';

let log: string;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'milvault-processes-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  log = join(folder, 'log');
});

const shell = (script: string): ProcessOptions => ({ name: 'It', command: 'sh', args: ['-c', script], log });

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    if (tries > 1000) throw new Error('expected it within 20 s');
    await sleep(20);
  }
}

const said = async (): Promise<string> => (await readFile(log, 'utf8')).trim();

/** The process ids that a script wrote down, once there are as many as wanted. */
async function pidsSaid(count: number): Promise<number[]> {
  await until(async () => (await said()).split('\n').filter(Boolean).length >= count);
  return (await said()).split('\n').map(Number);
}

describe('a started process', () => {
  it('is stopped with everything that it started itself', async () => {
    const running = await startProcess(shell('sleep 60 & echo $!; echo $$; wait'));
    const pids = await pidsSaid(2);
    expect(pids.every(alive)).toBe(true);
    await running.stop();
    expect(pids.some(alive)).toBe(false);
  });

  it('is killed when it does not listen, after its time of grace', async () => {
    const running = await startProcess({
      ...shell('trap "" TERM; echo $$; while :; do sleep 0.1; done'),
      graceMs: 300,
    });
    const [pid = 0] = await pidsSaid(1);
    await running.stop();
    expect(alive(pid)).toBe(false);
  });

  it('may be stopped twice, and after it ended', async () => {
    const running = await startProcess(shell('exit 3'));
    expect(await running.ended).toBe(3);
    await running.stop();
    await running.stop();
  });

  it('ends, with its children, when the process that started it is killed', async () => {
    const starter = `
      import { startProcess } from './scripts/parts/processes.ts';
      await startProcess({ name: 'It', command: 'sh', args: ['-c', 'sleep 60 & echo $!; echo $$; wait'], log: ${JSON.stringify(log)} });
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', starter], {
      stdio: 'ignore',
    });
    await until(async () => (await readFile(log, 'utf8').catch(() => '')) !== '');
    const pids = await pidsSaid(2);
    const ended = once(parent, 'exit');
    parent.kill('SIGKILL');
    await ended;
    await until(() => !pids.some(alive));
  });

  it('that cannot be started is an error that names it', async () => {
    const missing = { ...shell(''), command: 'no-such-program' };
    await expect(startProcess(missing)).rejects.toThrow('It could not be started (no-such-program)');
  });
});

describe('waiting until it is ready', () => {
  it('goes on asking while the answer is an error', async () => {
    const running = await startProcess(shell('sleep 60'));
    onTestFinished(() => running.stop());
    let asked = 0;
    await untilReady(running, () => (++asked < 3 ? Promise.reject(new Error('refused')) : Promise.resolve(true)), 5000);
    expect(asked).toBe(3);
  });

  it('gives up at once, with the end of the log, when it ends', async () => {
    const running = await startProcess(shell('echo the disk is full; exit 7'));
    const waiting = untilReady(running, () => Promise.resolve(false), 60_000);
    await expect(waiting).rejects.toThrow(/It ended with 7[\s\S]*the disk is full/);
  });

  it('gives up after its time and stops it', async () => {
    const running = await startProcess(shell('sleep 60'));
    await expect(untilReady(running, () => Promise.resolve(false), 200)).rejects.toThrow('was not ready within 0.2 s');
    expect(alive(running.pid)).toBe(false);
  });
});
