import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initRepository, type Repository } from '@milvault/repository';
import { systemClock } from '@milvault/shared';
import { takeBackup } from '../tests/support/engine-run.ts';
import { benchEngine, python, seedRows, type RowsBenchOptions } from './rows.ts';

const NAME = 'milvault_bench_incremental';
const TITLE_BYTES = 20;

/** One backup of the chain: by how much the repository's files grew, with all records, and what it took. */
interface Step {
  readonly id: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly cpu: number;
}

/**
 * A full; an incremental after 1 % new, 0.5 % changed and 0.5 % deleted rows; one where nothing was written and all is
 * read; one where two flushes prove it and nothing is read. Promised: at most 1.3 times the bytes of the new and changed
 * rows, less than 100 kB for nothing.
 */
export async function benchIncremental(options: Omit<RowsBenchOptions, 'rounds'>): Promise<void> {
  const { rows, dim, say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'milvault-bench-'));
  try {
    await seedRows(options, NAME, rows, dim);
    const repository = await initRepository(folder, { clock: systemClock });
    const store = { ...options, repository, folder };
    const full = await step(store, null);
    const { rows: written } = await python(options, 'change', NAME, String(rows), String(dim));
    const changed = await step(store, full.id, true);
    const nothing = await step(store, changed.id);
    const still = await step(store, changed.id, true);
    const wanted = written * (8 + TITLE_BYTES + dim * 4);
    say(`\nIncrementals of ${rows} rows, ${written} of them new or changed`);
    const line = (what: string, { bytes, seconds, cpu }: Step, note: string): void =>
      say(
        `  ${what.padEnd(26)} ${String(bytes).padStart(10)} bytes  ${seconds.toFixed(2)} s  ` +
          `${cpu.toFixed(2)} s of CPU  ${note}`,
      );
    line('full', full, '');
    line('2 % changed', changed, `${(changed.bytes / wanted).toFixed(2)} of its rows (promised: <= 1.3)`);
    line('nothing changed, all read', nothing, '(promised: < 100,000 bytes)');
    line('nothing changed, proved', still, '(promised: < 100,000 bytes)');
  } finally {
    await python(options, 'drop', NAME);
    await rm(folder, { recursive: true, force: true });
  }
}

interface Store {
  readonly milvus: string;
  readonly repository: Repository;
  readonly folder: string;
}

async function step({ milvus, repository, folder }: Store, base: string | null, prove = false): Promise<Step> {
  const held = await bytesIn(folder);
  const started = performance.now();
  const before = process.cpuUsage();
  const { backup } = await takeBackup(benchEngine(), milvus, repository, { collections: [NAME], base, prove });
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - started) / 1000;
  return { id: backup.id, bytes: (await bytesIn(folder)) - held, seconds, cpu: (user + system) / 1e6 };
}

export async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
