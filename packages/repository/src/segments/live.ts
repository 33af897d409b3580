import type { ColumnData, PrimaryKey } from '@milvault/shared';
import { readBinlog } from '../format/binlog/events.ts';
import { readDeltaLog } from '../format/binlog/deletions.ts';
import type { CollectionIndex, SegmentEntry, SegmentFile } from '../port.ts';
import {
  deltaFiles,
  filesOfField,
  loggedFields,
  orDamaged,
  readValues,
  segmentsOf,
  TIMESTAMP_FIELD,
  type LoggedField,
  type ReadLog,
} from './logs.ts';

/** First and last deletion of a key, by Milvus's clock. */
interface Deleted {
  readonly first: bigint;
  readonly last: bigint;
}
export type Deletions = ReadonlyMap<PrimaryKey, Deleted>;

/** What is left of the rows of one run of log files. */
export interface LiveMarks {
  readonly live: number;
  /** Places of the rows that are there; null where all are. */
  readonly places: readonly number[] | null;
  /** Rows that are there although a deletion of their key was written too: it is as old as the row, or older. */
  readonly outlived: number;
}

/** Deletions of a segment up to a timestamp of Milvus; null: all of them. */
export async function readDeletionsOf(read: ReadLog, segment: SegmentEntry, upTo: bigint | null): Promise<Deletions> {
  const found = new Map<PrimaryKey, Deleted>();
  for (const file of deltaFiles(segment)) {
    const bytes = await read(file);
    for (const { key, at } of orDamaged(file.key, () => readDeltaLog(readBinlog(bytes)))) {
      if (upTo !== null && at > upTo) continue;
      const known = found.get(key);
      const first = known === undefined || at < known.first ? at : known.first;
      const last = known === undefined || at > known.last ? at : known.last;
      found.set(key, { first, last });
    }
  }
  return found;
}

/**
 * Which rows are there at a moment. A deletion takes the rows of its key that are older than itself: an upsert is a
 * deletion and a row with one timestamp, and that row stays.
 */
export function markLive(keys: ColumnData, times: ColumnData, deletions: Deletions, upTo: bigint | null): LiveMarks {
  if (times.kind !== 'int64') throw new Error('timestamps are no numbers');
  const places: number[] = [];
  let outlived = 0;
  for (const [row, at] of times.values.entries()) {
    if (upTo !== null && at > upTo) continue;
    const deleted = deletions.size === 0 ? undefined : deletions.get(keyAt(keys, row));
    if (deleted !== undefined && deleted.last > at) continue;
    if (deleted !== undefined) outlived += 1;
    places.push(row);
  }
  const all = places.length === times.values.length;
  return { live: places.length, places: all ? null : places, outlived };
}

function keyAt(keys: ColumnData, row: number): PrimaryKey {
  if (keys.kind === 'int64') return keys.values[row] ?? 0n;
  if (keys.kind !== 'bytes') throw new Error('the primary key is neither a number nor a text');
  const { buffer, byteOffset, byteLength } = keys.values[row] ?? new Uint8Array();
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
}

/** Log files that hold the same rows: one of each field. */
export interface LogRun {
  readonly rows: number;
  readonly files: ReadonlyMap<number, SegmentFile>;
}

/** The insert logs of a segment side by side. Throws a plain Error where they do not fit each other. */
export function runsOf(segment: SegmentEntry, fields: readonly number[]): LogRun[] {
  const columns = fields.map((field) => filesOfField(segment, field));
  const [first] = columns;
  return (first ?? []).map((_, place) => {
    const files = columns.map((column) => column[place]);
    const rows = files[0]?.rows ?? 0;
    const map = new Map<number, SegmentFile>();
    for (const [i, file] of files.entries()) {
      if (file?.rows !== rows || columns[i]?.length !== first?.length) {
        throw new Error(`the log files of segment ${segment.id} do not hold the same rows`);
      }
      map.set(fields[i] ?? 0, file);
    }
    return { rows, files: map };
  });
}

/** What is left of one run, and what its deletions are judged by. */
export interface LiveRun extends LiveMarks {
  readonly run: LogRun;
}

/** Goes through a segment run by run and says which rows are there: reads keys and timestamps alone. */
export async function* liveRuns(
  read: ReadLog,
  index: Pick<CollectionIndex, 'definition' | 'segments' | 'primaryKey'>,
  segment: SegmentEntry,
): AsyncGenerator<LiveRun> {
  const { upTo } = segmentsOf(index);
  const until = upTo === null ? null : BigInt(upTo);
  const fields = loggedFields(index);
  const key = keyField(fields, index.primaryKey);
  const deletions = await readDeletionsOf(read, segment, until);
  const runs = orDamaged(`segment ${segment.id}`, () =>
    runsOf(segment, [TIMESTAMP_FIELD, ...fields.map((one) => one.id)]),
  );
  for (const run of runs) {
    if (deletions.size === 0 && isSettled(run, until)) {
      yield { run, live: run.rows, places: null, outlived: 0 };
      continue;
    }
    const times = await readValues(read, fileOf(run, TIMESTAMP_FIELD), { type: 'Int64' });
    const keys = await readValues(read, fileOf(run, key.id), key.shape);
    yield { run, ...markLive(keys, times, deletions, until) };
  }
}

function keyField(fields: readonly LoggedField[], name: string): LoggedField {
  const key = fields.find(({ shape }) => shape.name === name);
  if (key === undefined) throw new Error(`the key ${name} has no files`);
  return key;
}

/** All of its rows are of the moment, or older: no timestamp needs to be looked at. */
const isSettled = ({ files }: LogRun, upTo: bigint | null): boolean =>
  upTo === null || [...files.values()].every(({ to }) => BigInt(to) <= upTo);

export function fileOf({ files }: LogRun, field: number): SegmentFile {
  const file = files.get(field);
  if (file === undefined) throw new Error(`a run of log files has none of field ${field}`);
  return file;
}

/** How many rows of a segment are there. */
export async function countLive(
  read: ReadLog,
  index: Pick<CollectionIndex, 'definition' | 'segments' | 'primaryKey'>,
  segment: SegmentEntry,
): Promise<{ readonly live: number; readonly outlived: number }> {
  let [live, outlived] = [0, 0];
  for await (const run of liveRuns(read, index, segment)) {
    live += run.live;
    outlived += run.outlived;
  }
  return { live, outlived };
}
