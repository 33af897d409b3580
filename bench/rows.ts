import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createRowsEngine, type Engine } from '@milvault/engines';
import { createMilvusClient } from '@milvault/milvus';
import { initRepository } from '@milvault/repository';
import { systemClock } from '@milvault/shared';
// The raw drain goes below the client that it is compared with.
import { encodeMessage } from '../packages/milvus/src/protocol/message.ts';
import { QueryRequest } from '../packages/milvus/src/protocol/messages.ts';
import { openTransport, type Transport } from '../packages/milvus/src/transport/transport.ts';
import { addressOf, engineDeps, restoreBackup, takeBackup } from '../tests/support/engine-run.ts';

export interface RowsBenchOptions {
  readonly milvus: string;
  readonly python: string;
  readonly rows: number;
  readonly dim: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

/** MB/s of one thing in each round: millions of bytes of the rows as they come over the wire. */
export interface Measured {
  readonly what: string;
  readonly rates: readonly number[];
  readonly median: number;
}

export interface RowsBenchResult {
  readonly megabytes: number;
  readonly measured: readonly Measured[];
  readonly ratios: {
    /** Backup with checks V0 to V2, by the best raw drain: at least 0.8 is wanted. */
    readonly backupToDrain: number;
    /** By pymilvus's query_iterator into Parquet: at least 2. */
    readonly backupToIterator: number;
    /**
     * The whole restore by pymilvus's insert: at least 1.5. The restore has in it: trying the target out, making,
     * indexing and loading the collection, inserting, reading every row back and comparing it, and the rename. The
     * insert ends when the last row is acknowledged; nothing can be searched then.
     */
    readonly restoreToInsert: number;
    /** Like with like: until the last row is acknowledged, without loading's end and without the proof. */
    readonly rowsInToInsert: number;
    /** Like with like: until rows can be searched; of the two only the restore has proved them. */
    readonly restoreToUsable: number;
  };
  /** Highest resident memory of this process, MiB. */
  readonly peakMiB: number;
}

/** Rows of one page and streams at once. */
const GRID = [
  [2_500, 4],
  [5_000, 1],
  [5_000, 2],
  [5_000, 4],
  [10_000, 2],
  [10_000, 4],
  [25_000, 1],
  [25_000, 2],
] as const;

const NAME = 'milvault_bench_rows';
const INSERTED = 'milvault_bench_inserted';
const SCRIPT = fileURLToPath(new URL('rows.py', import.meta.url));

/** Measures all things once in each round, one after the other, so that a slow minute of the machine hits all of them. */
export async function benchRows(options: RowsBenchOptions): Promise<RowsBenchResult> {
  const { milvus, rows, dim, rounds, say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'milvault-bench-'));
  const rates = new Map<string, number[]>();
  const note = (what: string, megabytes: number, seconds: number): void => {
    rates.set(what, [...(rates.get(what) ?? []), megabytes / seconds]);
    say(`${what}: ${seconds.toFixed(2)} s, ${(megabytes / seconds).toFixed(1)} MB/s`);
  };
  try {
    say(`${rows} rows of ${dim} dimensions are made`);
    await python(options, 'seed', NAME, String(rows), String(dim));
    const megabytes = (await drain(milvus, rows, 25_000, 1)).bytes / 1e6;
    for (let round = 1; round <= rounds; round++) {
      say(`round ${round} of ${rounds}, ${megabytes.toFixed(1)} MB`);
      for (const [page, streams] of GRID) {
        const { seconds } = await drain(milvus, rows, page, streams);
        note(`raw drain, ${page} rows x ${streams}`, megabytes, seconds);
      }
      const ours = await backupAndRestore(options, join(folder, String(round)));
      note('backup, verified V0-V2', megabytes, ours.backup);
      note('restore, rows in', megabytes, ours.rowsIn);
      note('restore, proved', megabytes, ours.restore);
      const file = join(folder, 'iterated.parquet');
      note('pymilvus query_iterator into Parquet', megabytes, (await python(options, 'iterate', NAME, file)).seconds);
      const inserted = await python(options, 'insert', INSERTED, String(rows), String(dim));
      const usable = await python(options, 'usable', INSERTED);
      note('pymilvus insert, acknowledged', megabytes, inserted.seconds);
      note('pymilvus insert, usable', megabytes, inserted.seconds + usable.seconds);
      await python(options, 'drop', INSERTED);
    }
    return summary(megabytes, rates);
  } finally {
    await python(options, 'drop', NAME, INSERTED, `${NAME}_restored`);
    await rm(folder, { recursive: true, force: true });
  }
}

function summary(megabytes: number, rates: ReadonlyMap<string, readonly number[]>): RowsBenchResult {
  const measured = [...rates].map(([what, all]) => ({ what, rates: all, median: median(all) }));
  const of = (what: string): number => measured.find((one) => one.what.startsWith(what))?.median ?? 0;
  const drains = measured.filter((one) => one.what.startsWith('raw drain')).map((one) => one.median);
  return {
    megabytes,
    measured,
    ratios: {
      backupToDrain: of('backup') / Math.max(...drains),
      backupToIterator: of('backup') / of('pymilvus query_iterator'),
      restoreToInsert: of('restore, proved') / of('pymilvus insert, acknowledged'),
      rowsInToInsert: of('restore, rows in') / of('pymilvus insert, acknowledged'),
      restoreToUsable: of('restore, proved') / of('pymilvus insert, usable'),
    },
    peakMiB: process.resourceUsage().maxRSS / 1024,
  };
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
};

/** Makes a loaded collection of such rows and gives its name. */
export async function seedRows(
  options: Pick<RowsBenchOptions, 'milvus' | 'python'>,
  name: string,
  rows: number,
  dim: number,
): Promise<string> {
  await python(options, 'seed', name, String(rows), String(dim));
  return name;
}

export const now = (): number => performance.now() / 1000;

/** All rows as bytes that nobody looks at: the most that the server gives. */
async function drain(
  milvus: string,
  rows: number,
  page: number,
  streams: number,
): Promise<{ bytes: number; seconds: number }> {
  const transport = openTransport(addressOf(milvus), systemClock);
  const firsts = Array.from({ length: Math.ceil(rows / page) }, (_, i) => i * page).values();
  const started = now();
  try {
    const sums = await Promise.all(
      Array.from({ length: streams }, async () => {
        let bytes = 0;
        for (const first of firsts) bytes += await rawPage(transport, first, first + page);
        return bytes;
      }),
    );
    return { bytes: sums.reduce((sum, one) => sum + one, 0), seconds: now() - started };
  } finally {
    transport.close();
  }
}

/** Eventual consistency, which waits for nothing, is what the server is fastest with; the seeded rows are long there. */
const EVENTUALLY = 3;

async function rawPage(transport: Transport, from: number, to: number): Promise<number> {
  const request = encodeMessage(QueryRequest, {
    dbName: 'default',
    collectionName: NAME,
    expr: `id >= ${from} and id < ${to}`,
    outputFields: ['id', 'title', 'vector'],
    consistencyLevel: EVENTUALLY,
    useDefaultConsistency: false,
  });
  return (await transport.send('Query', request)).length;
}

interface Ours {
  readonly backup: number;
  /** Of `restore`: until the last row is acknowledged. */
  readonly rowsIn: number;
  readonly restore: number;
}

async function backupAndRestore({ milvus, say }: RowsBenchOptions, folder: string): Promise<Ours> {
  const engine = benchEngine();
  const repository = await initRepository(folder, { clock: systemClock });
  const started = now();
  const cpu = process.cpuUsage();
  const { backup, manifest } = await takeBackup(engine, milvus, repository, { collections: [NAME] });
  const report = await repository.verify(backup.id, { level: 2 });
  const saved = now();
  say(`backup, verified V0-V2: ${seconds(process.cpuUsage(cpu))} s of CPU`);
  if (report.result !== 'ok') throw new Error(`the backup was found ${report.result}`);
  let rowsIn = saved;
  const timed: Engine = {
    ...engine,
    finishRestore: (...step) => {
      rowsIn = now();
      return engine.finishRestore(...step);
    },
  };
  await restoreBackup(timed, milvus, repository, manifest, {});
  const restored = now();
  await dropCollection(milvus, `${NAME}_restored`);
  await rm(folder, { recursive: true, force: true });
  return { backup: saved - started, rowsIn: rowsIn - saved, restore: restored - saved };
}

const seconds = ({ user, system }: NodeJS.CpuUsage): string => ((user + system) / 1e6).toFixed(2);

export const benchEngine = (): Engine => createRowsEngine(engineDeps);

export async function dropCollection(milvus: string, collection: string): Promise<void> {
  const client = createMilvusClient(addressOf(milvus), { clock: systemClock });
  try {
    await client.drop({ database: 'default', collection });
  } finally {
    client.close();
  }
}

const run = promisify(execFile);

/** Runs a command of `rows.py`. */
export async function python(
  { milvus, python: program }: Pick<RowsBenchOptions, 'milvus' | 'python'>,
  command: string,
  ...args: string[]
): Promise<{ seconds: number; rows: number }> {
  const { stdout } = await run(program, [SCRIPT, command, milvus, ...args]);
  // The script's own line; the shape is the one that it documents.
  return JSON.parse(stdout) as { seconds: number; rows: number };
}
