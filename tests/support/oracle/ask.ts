import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { servers } from '../servers.ts';

const SERVE = fileURLToPath(new URL('serve.py', import.meta.url));

interface Answer {
  readonly id: number;
  readonly said?: unknown;
  readonly failed?: string;
}

interface Oracle {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly waiting: Map<number, (answer: Answer) => void>;
}

let oracle: Oracle | null = null;
let asked = 0;

/** One Python for a test file, begun at the first question; it ends when this process closes its input, or dies. */
function start(): Oracle {
  const child = spawn(servers().python, [SERVE], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: Oracle['waiting'] = new Map();
  const end = (why: string): void => {
    for (const [id, tell] of waiting) tell({ id, failed: why });
    waiting.clear();
    oracle = null;
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  child.on('error', (error) => end(String(error)));
  child.on('close', (code) => end(`the oracle ended with ${String(code)}`));
  child.stdin.on('error', (error) => end(String(error)));
  child.unref();
  return { child, waiting };
}

/** Runs `main` of a script of this folder, by pymilvus, and gives the JSON that it printed. */
export async function ask<T>(
  script: 'shapes' | 'chain' | 'growth' | 'hammer',
  argv: readonly string[],
  input = '',
): Promise<T> {
  const { child, waiting } = (oracle ??= start());
  const id = ++asked;
  const answer = await new Promise<Answer>((resolve) => {
    waiting.set(id, resolve);
    child.stdin.write(`${JSON.stringify({ id, script, argv, input })}\n`);
  });
  if (answer.failed !== undefined) throw new Error(`${script}.py ${argv.join(' ')}: ${answer.failed}`);
  return answer.said as T;
}
