/**
 * `npm run bench`: how fast backups and restores by rows are on a real Milvus 2.3.5, beside the best that the server can
 * give and beside pymilvus, in one run; what an incremental stores and takes; how fast the engine `segments` is beside
 * milvus-backup; then the memory of a process that backs up, fully and incrementally, and restores ten times the rows.
 * Options: `--rows N` (default 100,000), `--rounds N` (default 3), `--times N` (default 10), and `--only` one of them:
 * `rows`, `incremental`, `segments` or `memory`.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { startMilvusStandalone } from '../scripts/parts/milvus-standalone.ts';
import { ORACLES, venv } from '../scripts/parts/venv.ts';
import type { Memory } from './memory-child.ts';
import { benchIncremental } from './incremental.ts';
import { benchSegments } from './segments.ts';
import { benchRows, seedRows, type RowsBenchResult } from './rows.ts';

const run = promisify(execFile);
const DIM = 256;
const CHILD = fileURLToPath(new URL('memory-child.ts', import.meta.url));

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function report({ megabytes, measured, ratios }: RowsBenchResult): void {
  say(`\nMB/s of the ${megabytes.toFixed(0)} MB on the wire: median (range)`);
  for (const { what, rates, median } of measured) {
    const range = `${Math.min(...rates).toFixed(1)} – ${Math.max(...rates).toFixed(1)}`;
    say(`  ${what.padEnd(38)} ${median.toFixed(1).padStart(6)}  (${range})`);
  }
  say('\nRatios of the medians');
  say(`  backup, verified / best raw drain      ${ratios.backupToDrain.toFixed(2)}  (promised: >= 0.8)`);
  say(`  backup, verified / query_iterator      ${ratios.backupToIterator.toFixed(2)}  (promised: >= 2)`);
  say(`  restore, proved / pymilvus insert      ${ratios.restoreToInsert.toFixed(2)}  (promised: >= 1.5)`);
  say(`  restore, rows in / pymilvus insert     ${ratios.rowsInToInsert.toFixed(2)}  (both until acknowledged)`);
  say(`  restore, proved / pymilvus, usable     ${ratios.restoreToUsable.toFixed(2)}  (both until searchable)`);
}

async function reportMemory(milvus: string, python: string, folder: string, rows: number): Promise<void> {
  const collection = await seedRows({ milvus, python }, `rows_${String(rows)}`, rows, DIM);
  const data = [python, String(rows), String(DIM)];
  const args = ['--import', 'tsx', CHILD, milvus, join(folder, collection), collection, ...data];
  const memory = JSON.parse((await run(process.execPath, args)).stdout) as Memory;
  say(
    `  ${memory.rows.toLocaleString('en-US')} rows: backup ${memory.backupMiB.toFixed(0)} MiB, ` +
      `then incremental ${memory.incrementalMiB.toFixed(0)} MiB, then restore ${memory.restoreMiB.toFixed(0)} MiB  (promised: <= 512)`,
  );
}

async function main(): Promise<void> {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({
    options: { rows: text('100000'), rounds: text('3'), times: text('10'), only: { type: 'string' } },
  });
  const wanted = (what: string): boolean => values.only === undefined || values.only === what;
  const [rows, rounds, times] = [values.rows, values.rounds, values.times].map(Number);
  if (rows === undefined || rounds === undefined || times === undefined) throw new Error('three numbers are parsed');
  const folder = await mkdtemp(join(tmpdir(), 'milvault-bench-'));
  const {
    address: milvus,
    folder: milvusFolder,
    running,
  } = await startMilvusStandalone({ folder: join(folder, 'milvus'), say });
  try {
    const { python } = await venv({ name: 'oracles', requirements: ORACLES, python: [3, 9], say });
    if (wanted('rows')) report(await benchRows({ milvus, python, rows, dim: DIM, rounds, say }));
    if (wanted('incremental')) await benchIncremental({ milvus, python, rows, dim: DIM, say });
    const milvusData = join(milvusFolder, 'data');
    if (wanted('segments')) await benchSegments({ milvus, milvusData, python, rows, dim: DIM, rounds, say });
    if (!wanted('memory')) return;
    say('\nMemory of a process that backs up, again, and restores');
    await reportMemory(milvus, python, folder, rows);
    await reportMemory(milvus, python, folder, rows * times);
  } finally {
    await running.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
