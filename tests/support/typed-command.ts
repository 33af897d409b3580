import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Command {
  /** What it has said so far on standard output. */
  said(): string;
  /** Waits until it says `text` on standard output; an error with all it said when it ends or takes too long. */
  says(text: string, withinMs: number): Promise<void>;
  /** Sends what Ctrl-C sends: to every process of its group. */
  interrupt(): void;
  readonly ended: Promise<Ended>;
}

/** A command line as somebody types it into a shell, in the folder of the clone. */
export function startCommand(line: string, env: NodeJS.ProcessEnv): Command {
  const child = spawn('sh', ['-c', line], { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let out = '';
  let err = '';
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  let over = false;
  const ended = new Promise<Ended>((settle, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      over = true;
      settle({ code, out, err });
    });
  });
  return {
    said: () => out,
    ended,
    interrupt: () => {
      // A child that was spawned has an id, and it leads the group.
      if (!over) process.kill(-child.pid!, 'SIGINT');
    },
    says: async (text, withinMs) => {
      for (const until = Date.now() + withinMs; !out.includes(text); await sleep(50)) {
        if (!over && Date.now() < until) continue;
        throw new Error(`expected \`${line}\` to say "${text}" within ${withinMs} ms, got:\n${out}\n${err}`);
      }
    },
  };
}

export const runCommand = (line: string, env: NodeJS.ProcessEnv): Promise<Ended> => startCommand(line, env).ended;
