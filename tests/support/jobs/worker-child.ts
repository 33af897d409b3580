import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Tuning } from '@milvault/jobs';

/** A worker process that a test may kill. */
export interface Child {
  readonly pid: number;
  /** Gives the exit code, or null after a signal. */
  signal(name: NodeJS.Signals): Promise<number | null>;
  /** Ends it whatever it does; fine to repeat. */
  kill(): Promise<void>;
}

export interface ChildSettings {
  readonly prefix: string;
  readonly redis: string;
  readonly tuning: Partial<Tuning>;
  readonly jobs: 'probe' | 'real';
  /** Of the configuration file: sources, repositories, … */
  readonly sections: object;
}

export async function startChild(settings: ChildSettings): Promise<Child> {
  const main = fileURLToPath(new URL('./worker-main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', main, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const signal = async (name: NodeJS.Signals): Promise<number | null> => {
    child.kill(name);
    return exited;
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) await signal('SIGKILL');
  };
  try {
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      void exited.then((code) => reject(new Error(`the worker ended at once with ${String(code)}`)));
    });
  } catch (error) {
    await kill();
    throw error;
  }
  if (child.pid === undefined) throw new Error('the worker has no pid');
  return { pid: child.pid, signal, kill };
}
