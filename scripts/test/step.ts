import { spawn } from 'node:child_process';
import { ROOT } from '../parts/paths.ts';

/** One program of the repository's own tools, its output kept so that parallel steps do not mix. */
export interface Step {
  readonly name: string;
  readonly args: readonly string[];
}

export interface StepResult {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly output: string;
}

/** Runs `node <args>` in the clone. */
export async function runStep(step: Step): Promise<StepResult> {
  const start = performance.now();
  const child = spawn(process.execPath, step.args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => output.push(piece));
  child.stderr.on('data', (piece: Buffer) => output.push(piece));
  const code = await new Promise<number | null>((settle, reject) => {
    child.once('error', reject);
    child.once('close', settle);
  });
  return {
    name: step.name,
    ok: code === 0,
    seconds: (performance.now() - start) / 1000,
    output: Buffer.concat(output).toString(),
  };
}

/** Says how a step went: one line, and all of its output where it failed. */
export function report(result: StepResult): void {
  console.log(`${result.ok ? 'ok    ' : 'FAILED'} ${result.name} (${result.seconds.toFixed(1)} s)`);
  if (!result.ok) console.log(result.output);
}
