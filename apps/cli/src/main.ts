#!/usr/bin/env node
import { processEnvironment, Stopped, systemClock } from '@milvault/shared';
import { createCli } from './compose.ts';
import { runCommandLine } from './run.ts';
import { processTerminal } from './terminal.ts';

/** 128 + the number of the signal, as shells do. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

const env = processEnvironment();
const folder = process.cwd();
const stop = new AbortController();
let stopCode: number | null = null;

for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second signal finds no listener and ends the process as signals do.
  process.once(name, () => {
    stopCode = SIGNALS[name];
    stop.abort(new Stopped('cancelled'));
  });
}
// `milvault backup list | head -1`: nobody reads any more, which is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  stop.abort(new Stopped('cancelled'));
});

const terminal = processTerminal({ noColour: (env['NO_COLOR'] ?? '') !== '', dumb: env['TERM'] === 'dumb' });
const shared = { terminal, clock: systemClock, env, folder, signal: stop.signal };
const code = await runCommandLine(process.argv.slice(2), createCli(shared));
// A command that ended well in spite of the signal did all of its work.
process.exitCode = stopCode === null || code === 0 ? code : stopCode;
