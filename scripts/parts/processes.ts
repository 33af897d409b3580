import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessOptions {
  /** For messages: "Redis". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to our environment; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** File that its output is appended to. */
  readonly log: string;
  /** How long it may take after SIGTERM before SIGKILL. */
  readonly graceMs?: number;
}

/** A process that we started, at the head of a process group of its own. */
export interface Running {
  readonly name: string;
  readonly pid: number;
  readonly log: string;
  /** Resolves when the process itself has ended, in any way: its exit code, or null after a signal. */
  readonly ended: Promise<number | null>;
  /** Ends the whole group: SIGTERM, then SIGKILL. May be called twice and after the end. */
  stop(): Promise<void>;
}

/**
 * Ends group $1 when our end of its standard input closes, however we died; `done` lets it go. A group leader's id is
 * not given to another process while one of the group lives, so nothing else can be hit.
 */
const GUARD = `read -r word; [ "$word" = done ] && exit 0
kill -s TERM -- "-$1" || exit 0
for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 0.5; kill -s 0 -- "-$1" || exit 0; done
kill -s KILL -- "-$1"`;

function startGuard(group: number): () => void {
  const guard = spawn('sh', ['-c', GUARD, 'sh', String(group)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.stdin.on('error', () => undefined); // It may be gone already, which is what `done` asks for.
  guard.unref();
  return () => guard.stdin.end('done\n');
}

const signalGroup = (group: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
};

async function groupGone(group: number, withinMs: number): Promise<boolean> {
  for (const until = Date.now() + withinMs; Date.now() < until; await sleep(20)) {
    if (!signalGroup(group, 0)) return true;
  }
  return !signalGroup(group, 0);
}

async function endGroup(group: number, name: string, graceMs: number): Promise<void> {
  if (!signalGroup(group, 'SIGTERM') || (await groupGone(group, graceMs))) return;
  signalGroup(group, 'SIGKILL');
  if (!(await groupGone(group, 5000))) throw new Error(`${name} (process group ${group}) outlived SIGKILL`);
}

const spawned = (child: ChildProcess, options: ProcessOptions): Promise<number> =>
  new Promise((settle, reject) => {
    child.once('spawn', () => {
      // A process that has spawned has an id.
      settle(child.pid!);
    });
    child.once('error', (cause) => {
      reject(new Error(`${options.name} could not be started (${options.command})`, { cause }));
    });
  });

/** Starts a process in a group of its own, which ends at `stop()` and also when this process ends without calling it. */
export async function startProcess(options: ProcessOptions): Promise<Running> {
  mkdirSync(dirname(options.log), { recursive: true });
  const log = openSync(options.log, 'a');
  const child = spawn(options.command, options.args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  const ended = new Promise<number | null>((settle) => {
    child.once('exit', settle);
  });
  const pid = await spawned(child, options);
  const releaseGuard = startGuard(pid);
  const stop = async (): Promise<void> => {
    await endGroup(pid, options.name, options.graceMs ?? 10_000);
    releaseGuard();
  };
  return { name: options.name, pid, log: options.log, ended, stop };
}

export const logTail = (file: string, lines = 15): string =>
  readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');

/**
 * Asks `probe` until it answers true. Gives up, with the end of the log, as soon as the process ends or the time is
 * over, and then stops it.
 */
export async function untilReady(running: Running, probe: () => Promise<boolean>, withinMs: number): Promise<void> {
  let exit: number | null | undefined;
  void running.ended.then((code) => (exit = code));
  let last: unknown = 'no answer';
  for (const until = Date.now() + withinMs; Date.now() < until && exit === undefined; await sleep(50)) {
    try {
      if (await probe()) return;
    } catch (error) {
      last = error; // Not yet listening, most likely; told below if it stays so.
    }
  }
  const why = exit === undefined ? `was not ready within ${withinMs / 1000} s` : `ended with ${exit ?? 'a signal'}`;
  await running.stop();
  throw new Error(`${running.name} ${why}. End of ${running.log}:\n${logTail(running.log)}`, { cause: last });
}
