import { initRepository, type Repository } from '@milvault/repository';
import { systemClock, type Consistency } from '@milvault/shared';
import { expect, test } from 'vitest';
import { ask } from '../../support/oracle/ask.ts';
import { rowsEngine } from '../../support/engine-case.ts';
import { takeBackup } from '../../support/engine-run.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { servers } from '../../support/servers.ts';
import { dropShapes, ownPrefix } from '../../support/shapes.ts';

const SECONDS = 25;
/** A full now and then: both ways of reading must be right. */
const FULL_EVERY = 4;

const QUIET_AT_MOST = 5;

/** One write, in milliseconds of this machine. */
interface Write {
  readonly from: number;
  readonly to: number;
  readonly put: readonly (readonly [id: number, value: number])[];
  readonly gone: readonly number[];
}

interface Point {
  readonly begunAt: number;
  readonly endedAt: number;
  readonly label: Consistency;
  readonly rows: ReadonlyMap<number, number>;
}

/** Rows of a backup, by key. */
async function rowsOf(repository: Repository, id: string, collection: string): Promise<Map<number, number>> {
  const index = await repository.index(await repository.manifest(id), 'default', collection);
  const rows = new Map<number, number>();
  for (const chunk of index.chunks) {
    const { columns } = await repository.readChunk(index, chunk);
    const numbers = (name: string): number[] => {
      const data = columns.find(({ field }) => field.name === name)?.data;
      return data?.kind === 'int64' ? Array.from(data.values, Number) : [];
    };
    const values = numbers('value');
    for (const [i, key] of numbers('id').entries()) rows.set(key, values[i] ?? NaN);
  }
  return rows;
}

async function takePoints(repository: Repository, collection: string, isOver: () => boolean): Promise<Point[]> {
  const points: Point[] = [];
  let base: string | null = null;
  // Then on without writes until one claims its moment: Milvus may yet compact, which no list tells from a write.
  for (let quiet = 0; quiet === 0 || (quiet <= QUIET_AT_MOST && points.at(-1)?.label === 'fuzzy');) {
    if (isOver()) quiet += 1;
    const begunAt = Date.now();
    const request = { collections: [collection], base, prove: true };
    const { backup } = await takeBackup(rowsEngine(), servers().milvus, repository, request);
    const endedAt = Date.now();
    const rows = await rowsOf(repository, backup.id, collection);
    points.push({ begunAt, endedAt, label: backup.consistency, rows });
    base = points.length % FULL_EVERY === 0 ? null : backup.id;
  }
  return points;
}

/** Whether the rows are exactly those after some first part of the writes that fits the time of the backup. */
function isOneMoment({ begunAt, endedAt, rows }: Point, writes: readonly Write[]): boolean {
  const state = new Map<number, number>();
  const acknowledged = writes.filter(({ to }) => to < begunAt).length;
  const begun = writes.filter(({ from }) => from <= endedAt).length;
  for (const [i, write] of [...writes, null].entries()) {
    if (i >= acknowledged && i <= begun && areEqual(state, rows)) return true;
    for (const [id, value] of write?.put ?? []) state.set(id, value);
    for (const id of write?.gone ?? []) state.delete(id);
  }
  return false;
}

const areEqual = (a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);

test('while somebody writes 1,000 rows/s, each backup that claims a moment is exactly that moment, and the others claim none', async () => {
  const prefix = ownPrefix();
  const collection = `${prefix}_hammered`;
  const seed = process.env['MILVAULT_TEST_SEED'] ?? Math.random().toString(36).slice(2, 10);
  const repository = await initRepository(`${await temporaryFolder()}/repo`, { clock: systemClock });
  try {
    await ask('hammer', ['make', servers().milvus, collection]);
    let over = false;
    const writing = ask<Write[]>('hammer', ['write', servers().milvus, collection, String(SECONDS), seed]).finally(
      () => {
        over = true;
      },
    );
    const points = await takePoints(repository, collection, () => over);
    const writes = await writing;

    const where = `MILVAULT_TEST_SEED=${seed}, ${writes.length} writes, ${points.length} backups`;
    const moments = points.filter(({ label }) => label === 'proved-still');
    const others = points.filter(({ label }) => label !== 'proved-still');
    for (const point of moments) expect(isOneMoment(point, writes), where).toBe(true);
    expect(new Set(others.map(({ label }) => label)), where).toEqual(new Set(['fuzzy']));
    expect(points.at(-1), where).toSatisfy((point: Point) => isOneMoment(point, writes));
    expect(moments.length, where).toBeGreaterThan(0);
  } finally {
    await dropShapes(servers().milvus, prefix);
  }
});
